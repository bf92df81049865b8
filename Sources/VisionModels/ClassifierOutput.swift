public import Torch

/// What a classifier says of a batch.
public struct ClassifierOutput {
  /// From the class token, or the pooled patches: [B, classes].
  public let classLogits: Tensor
  /// From the distillation token, [B, classes]; nil unless the model is distilled.
  public let distillationLogits: Tensor?

  /// The prediction: the class logits, or for distilled models the mean of both.
  public var logits: Tensor {
    guard let distillationLogits else { return classLogits }
    return (classLogits + distillationLogits) / 2
  }
}
