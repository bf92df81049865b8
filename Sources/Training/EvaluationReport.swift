public import Telemetry

/// How a model did on a set: every readable sample counted exactly once.
public struct EvaluationReport: Sendable {
  /// The samples' mean cross-entropy, without label smoothing.
  public var loss: Double
  /// The share of samples whose class was the first guess, in percent.
  public var top1: Double
  /// The share of samples whose class was among the first five guesses, in percent.
  public var top5: Double
  /// Every sample by class and first guess, but those without a guess.
  public var confusion: ConfusionMatrix
  /// The samples that were scored.
  public var numSamples: Int
  /// The samples that could not be read.
  public var numBadSamples: Int
  /// The samples without a guess: a logit was NaN or infinite. They count as wrong.
  public var numNonFinite = 0
  /// Seconds it took.
  public var seconds: Double

  /// What a user should read where a logit was not finite.
  public var nonFiniteText: String {
    "the model gives NaN or infinite logits for \(numNonFinite) of \(numSamples) images"
  }
}
