public import Torch

/// In training, drops a residual branch for whole samples with the given probability and scales the rest by
/// 1 / (1 - probability) (Huang et al. 2016, arXiv:1603.09382; timm's `DropPath`). Draws from the default generator of
/// the tensor's device.
public struct StochasticDepth: Sendable {
  /// In 0..<1.
  public let probability: Double

  /// Stochastic depth with a probability in 0..<1; 0 does nothing and draws nothing.
  public init(_ probability: Double) {
    precondition((0..<1).contains(probability), "stochastic depth probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// The branch's output, [B, ...], to the same shape.
  public func callAsFunction(_ branch: Tensor, _ context: ForwardContext) -> Tensor {
    guard context.isTraining && probability > 0 else { return branch }
    let keep = 1 - probability
    let shape = [branch.size(0)] + Array(repeating: 1, count: branch.ndim - 1)
    let mask = Tensor.empty(shape, dtype: branch.dtype, device: branch.device).bernoulli_(keep)
    return branch * (mask / keep)
  }
}
