public import Telemetry

/// How a model did on a set: every readable sample counted exactly once.
public struct EvaluationReport: Sendable {
  /// What the task measures, in its order; the loss first.
  public var metrics: [Metric]
  /// Of a classification: every sample by class and first guess, but those without a guess.
  public var confusion: ConfusionMatrix?
  /// The samples that were scored.
  public var numSamples: Int
  /// The samples that could not be read.
  public var numBadSamples = 0
  /// The samples without a result, because an output was NaN or infinite. They count as wrong.
  public var numNonFinite = 0
  /// Seconds it took.
  public var seconds = 0.0

  /// A report of the given metrics.
  public init(metrics: [Metric], numSamples: Int) {
    self.metrics = metrics
    self.numSamples = numSamples
  }

  /// The metric of a name; nil where the task measures no such thing.
  public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }

  /// The samples' mean loss in evaluation; of a classification the cross-entropy without label smoothing.
  public var loss: Double { self["loss"] ?? .nan }
  /// Of a classification: the share of samples whose class was the first guess, in percent; else NaN.
  public var top1: Double { self["top1"] ?? .nan }
  /// Of a classification: the share of samples whose class was among the first five guesses, in percent; else NaN.
  public var top5: Double { self["top5"] ?? .nan }

  /// What a user should read where an output was not finite.
  public var nonFiniteText: String {
    "the model gives NaN or infinite logits for \(numNonFinite) of \(numSamples) images"
  }
}
