public import Torch

/// In training, zeroes each element with the given probability and scales the rest by 1 / (1 - probability)
/// (Srivastava et al. 2014). Draws from the default generator of the tensor's device.
public struct Dropout: Sendable {
  /// In 0..<1.
  public let probability: Double

  /// Dropout with a probability in 0..<1; 0 does nothing and draws nothing.
  public init(_ probability: Double) {
    precondition((0..<1).contains(probability), "dropout probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// Any shape to the same shape.
  public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    guard context.isTraining && probability > 0 else { return x }
    return x.dropout(probability)
  }
}
