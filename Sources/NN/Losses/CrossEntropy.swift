public import Torch

/// Cross-entropy of logits, with label smoothing (Szegedy et al. 2016, arXiv:1512.00567). Computed in float32 at least.
public struct CrossEntropy: Sendable {
  /// The part of the target that is spread evenly over all classes, in 0..<1.
  public let labelSmoothing: Double
  /// How the losses of a batch become one.
  public let reduction: LossReduction

  /// A loss with the given smoothing.
  public init(labelSmoothing: Double = 0, reduction: LossReduction = .mean) {
    precondition((0..<1).contains(labelSmoothing), "label smoothing \(labelSmoothing) is not in 0..<1")
    self.labelSmoothing = labelSmoothing
    self.reduction = reduction
  }

  /// The loss of logits [B, C] against class indices (int64, [B]) or class probabilities (floating point, [B, C]):
  /// [B] without reduction, else a scalar.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    let precise = logits.widened
    let probabilitiesOrIndices = target.dtype.isFloatingPoint ? target.to(precise.dtype) : target
    return precise.crossEntropy(probabilitiesOrIndices, labelSmoothing: labelSmoothing, reduction: reduction)
  }
}

extension CrossEntropy: ClassificationLoss {
  /// The mean loss of logits [B, C] against the classes of a batch, whatever the reduction.
  public func callAsFunction(_ logits: Tensor, _ target: ClassTarget) -> Tensor {
    guard target.mix == nil else { return SoftTargetCrossEntropy(labelSmoothing: labelSmoothing)(logits, target) }
    return logits.widened.crossEntropy(target.labels, labelSmoothing: labelSmoothing)
  }
}
