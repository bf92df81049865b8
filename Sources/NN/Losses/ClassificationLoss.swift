public import Torch

/// What a classifier is trained to make small.
public protocol ClassificationLoss: Sendable {
  /// The mean loss of logits [N, C] over the samples, a differentiable scalar in float32 at least.
  func callAsFunction(_ logits: Tensor, _ target: ClassTarget) -> Tensor
}

extension Tensor {
  /// Logits of a 16-bit type in float32; others as they are.
  var widened: Tensor { dtype == .bfloat16 || dtype == .float16 ? to(.float32) : self }
}
