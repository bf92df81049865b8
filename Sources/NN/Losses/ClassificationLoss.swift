public import Torch

/// What a classifier is trained to make small: the mean over the samples, computed in float32 at least.
public struct ClassificationLoss: Sendable, Equatable {
  /// The losses that there are.
  public enum Kind: Sendable, Equatable {
    /// One choice among all classes: -sum over classes of p log softmax(x).
    case crossEntropy
    /// Each class told apart from all others by its own logistic regression (Wightman, Touvron, Jégou 2021,
    /// arXiv:2110.00476), as timm's `BinaryCrossEntropy`. Targets above the threshold become 1 and all others 0, or stay
    /// as they are without one; a sample's loss is the mean over its classes, or their sum.
    case binaryCrossEntropy(targetThreshold: Double? = nil, sumsClasses: Bool = false)
  }

  /// Which one.
  public let kind: Kind
  /// The part of a target that is spread evenly over all classes (Szegedy et al. 2016, arXiv:1512.00567), in 0..<1.
  public let labelSmoothing: Double

  /// A loss with the given smoothing.
  public init(_ kind: Kind = .crossEntropy, labelSmoothing: Double = 0) {
    precondition((0..<1).contains(labelSmoothing), "label smoothing \(labelSmoothing) is not in 0..<1")
    self.kind = kind
    self.labelSmoothing = labelSmoothing
  }

  /// The loss of logits [N, C] against the classes of a batch, a differentiable scalar.
  public func callAsFunction(_ logits: Tensor, _ target: ClassTarget) -> Tensor {
    let logits = logits.widened
    guard kind == .crossEntropy else {
      return self(
        logits,
        probabilities: target.dense(numClasses: logits.size(1), labelSmoothing: labelSmoothing, dtype: logits.dtype))
    }
    guard let mix = target.mix else { return logits.crossEntropy(target.labels, labelSmoothing: labelSmoothing) }
    // Without a matrix of probabilities: with smoothing s the loss of a sample is
    // -(1 - s)(w l[a] + (1 - w) l[b]) - s mean(l), l = log softmax(x).
    let logProbabilities = logits.logSoftmax(-1)
    let weights = mix.weights.to(logProbabilities.dtype)
    let ofOwn = logProbabilities.gather(1, target.labels.unsqueeze(1)).squeeze(1)
    let ofPartner = logProbabilities.gather(1, mix.labels.unsqueeze(1)).squeeze(1)
    let likelihood = ofOwn * weights + ofPartner * (1 - weights)
    guard labelSmoothing > 0 else { return -likelihood.mean() }
    return likelihood.mean() * (labelSmoothing - 1) - logProbabilities.mean() * labelSmoothing
  }

  /// The loss of logits [N, C] against probabilities [N, C], which are not smoothed: a differentiable scalar.
  public func callAsFunction(_ logits: Tensor, probabilities: Tensor) -> Tensor {
    let logits = logits.widened
    var rows = probabilities.to(logits.dtype)
    guard case .binaryCrossEntropy(let threshold, let sumsClasses) = kind else {
      return -(logits.logSoftmax(-1) * rows).sum([-1]).mean()
    }
    if let threshold { rows = rows.isGreater(than: threshold).to(logits.dtype) }
    let mean = logits.binaryCrossEntropy(rows)
    return sumsClasses ? mean * Double(logits.size(1)) : mean
  }
}

extension Tensor {
  /// Logits of a 16-bit type in float32; others as they are.
  fileprivate var widened: Tensor { dtype == .bfloat16 || dtype == .float16 ? to(.float32) : self }
}
