public import Torch

/// Cross-entropy against probabilities, -sum over classes of p log softmax(x), averaged over the samples; timm's loss of
/// the same name. Labels of a mixed batch are taken as they are, without a matrix of probabilities: with smoothing s the
/// loss of a sample is -(1 - s)(w l[a] + (1 - w) l[b]) - s mean(l), l = log softmax(x).
public struct SoftTargetCrossEntropy: ClassificationLoss {
  /// The part of the target that is spread evenly over all classes, in 0..<1; of probabilities none.
  public let labelSmoothing: Double

  /// A loss with the given smoothing.
  public init(labelSmoothing: Double = 0) {
    precondition((0..<1).contains(labelSmoothing), "label smoothing \(labelSmoothing) is not in 0..<1")
    self.labelSmoothing = labelSmoothing
  }

  /// The mean loss of logits [N, C] against the classes of a batch.
  public func callAsFunction(_ logits: Tensor, _ target: ClassTarget) -> Tensor {
    let logProbabilities = logits.widened.logSoftmax(-1)
    var likelihood = logProbabilities.gather(1, target.labels.unsqueeze(1)).squeeze(1)
    if let mix = target.mix {
      let weights = mix.weights.to(logProbabilities.dtype)
      let ofPartner = logProbabilities.gather(1, mix.labels.unsqueeze(1)).squeeze(1)
      likelihood = likelihood * weights + ofPartner * (1 - weights)
    }
    guard labelSmoothing > 0 else { return -likelihood.mean() }
    return likelihood.mean() * (labelSmoothing - 1) - logProbabilities.mean() * labelSmoothing
  }

  /// The mean loss of logits [N, C] against probabilities [N, C].
  public func callAsFunction(_ logits: Tensor, probabilities: Tensor) -> Tensor {
    let logProbabilities = logits.widened.logSoftmax(-1)
    return -(logProbabilities * probabilities.to(logProbabilities.dtype)).sum([-1]).mean()
  }
}
