public import Torch

/// In training, zeroes each element with the given probability and scales the rest by 1 / (1 - probability)
/// (Srivastava et al. 2014). The context decides which; layers that drop have contexts of their own.
public struct Dropout: Sendable {
  /// In 0..<1.
  public let probability: Double

  /// Dropout with a probability in 0..<1; 0 does nothing.
  public init(_ probability: Double) {
    precondition((0..<1).contains(probability), "dropout probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// [N, ...] to the same shape.
  public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    guard context.isTraining && probability > 0 else { return x }
    return context.dropped(x, probability)
  }
}

/// In training, drops a residual branch for whole samples with the given probability and scales the rest by
/// 1 / (1 - probability) (Huang et al. 2016, arXiv:1603.09382; timm's `DropPath`). The context decides which.
public struct StochasticDepth: Sendable {
  /// In 0..<1.
  public let probability: Double

  /// Stochastic depth with a probability in 0..<1; 0 does nothing.
  public init(_ probability: Double) {
    precondition((0..<1).contains(probability), "stochastic depth probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// The branch's output, [N, ...], to the same shape.
  public func callAsFunction(_ branch: Tensor, _ context: ForwardContext) -> Tensor {
    guard context.isTraining && probability > 0 else { return branch }
    let shape = branch.shape.enumerated().map { $0.offset == 0 ? $0.element : 1 }
    return branch * context.dropped(Tensor.ones(shape, dtype: branch.dtype, device: branch.device), probability)
  }
}
