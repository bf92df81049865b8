public import Torch

/// Each class told apart from all others by its own logistic regression (Wightman, Touvron, Jégou 2021,
/// arXiv:2110.00476), as timm's loss of the same name.
public struct BinaryCrossEntropy: ClassificationLoss {
  /// The part of the target that is spread evenly over all classes, in 0..<1.
  public let labelSmoothing: Double
  /// Targets above it become 1, all others 0; nil takes them as they are.
  public let targetThreshold: Double?
  /// Whether a sample's loss is the sum over its classes; else their mean.
  public let sumsClasses: Bool

  /// A loss with the given smoothing and threshold.
  public init(labelSmoothing: Double = 0, targetThreshold: Double? = nil, sumsClasses: Bool = false) {
    precondition((0..<1).contains(labelSmoothing), "label smoothing \(labelSmoothing) is not in 0..<1")
    self.labelSmoothing = labelSmoothing
    self.targetThreshold = targetThreshold
    self.sumsClasses = sumsClasses
  }

  /// The mean loss of logits [N, C] against the classes of a batch.
  public func callAsFunction(_ logits: Tensor, _ target: ClassTarget) -> Tensor {
    let logits = logits.widened
    let rows = target.dense(numClasses: logits.size(1), labelSmoothing: labelSmoothing, dtype: logits.dtype)
    return self(logits, probabilities: rows)
  }

  /// The mean loss of logits [N, C] against probabilities [N, C], which are not smoothed.
  public func callAsFunction(_ logits: Tensor, probabilities: Tensor) -> Tensor {
    let logits = logits.widened
    var rows = probabilities.to(logits.dtype)
    if let targetThreshold { rows = rows.isGreater(than: targetThreshold).to(logits.dtype) }
    let mean = logits.binaryCrossEntropy(rows)
    return sumsClasses ? mean * Double(logits.size(1)) : mean
  }
}
