public import Torch

/// The classes that a batch is to be told apart by: one for each sample, or, for a sample mixed from two, one of each
/// and how much the first counts. Kept as indices; `dense` makes probabilities of them where a loss needs those.
public struct ClassTarget {
  /// What mixing adds to the labels.
  public struct Mix {
    /// int64 [N], the class of each sample's partner.
    public let labels: Tensor
    /// float32 [N], how much a sample's own class counts; the partner's counts 1 less that.
    public let weights: Tensor

    /// The partners' classes with the weights of the samples' own.
    public init(labels: Tensor, weights: Tensor) {
      self.labels = labels
      self.weights = weights
    }
  }

  /// int64 [N].
  public let labels: Tensor
  /// The other class of each sample, where the batch was mixed.
  public let mix: Mix?

  /// Classes, int64 [N], with those of the partners of a mixed batch.
  public init(_ labels: Tensor, mix: Mix? = nil) {
    self.labels = labels
    self.mix = mix
  }

  /// Probabilities [N, numClasses] in `dtype`: timm's `mixup_target`. Smoothing spreads its part of each sample evenly
  /// over all classes.
  public func dense(numClasses: Int, labelSmoothing: Double = 0, dtype: DType = .float32) -> Tensor {
    var rows = labels.oneHot(numClasses: numClasses).to(dtype)
    if let mix {
      let weights = mix.weights.to(dtype).unsqueeze(1)
      rows = rows * weights + mix.labels.oneHot(numClasses: numClasses).to(dtype) * (1 - weights)
    }
    guard labelSmoothing > 0 else { return rows }
    return rows * (1 - labelSmoothing) + labelSmoothing / Double(numClasses)
  }

  /// How many of the first guesses of logits [N, C] are right, a float32 scalar on their device: a guess of a mixed
  /// sample counts as much as the class that it names, once for each of the two.
  public func numRight(_ logits: Tensor) -> Tensor {
    withoutGrad {
      let guesses = logits.argmax(1)
      let right = guesses.equals(labels).to(.float32)
      guard let mix else { return right.sum() }
      let rightOfPartner = guesses.equals(mix.labels).to(.float32)
      return (right * mix.weights + rightOfPartner * (1 - mix.weights)).sum()
    }
  }
}
