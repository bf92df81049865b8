public import NN
public import Torch
public import VisionModels

/// What is learnt: how a batch becomes a loss, and what an evaluation counts. The trainer says when, the step says how
/// weights change; neither knows what a label is.
public protocol TrainingTask: AnyObject {
  /// All that is trained, evaluated and saved. A teacher, for example, is neither.
  var module: any Module { get }
  /// The metric that `best` follows; one of those in a `report`.
  var primary: PrimaryMetric { get }
  /// Operations over one sample; nil where they are not known, and no rate is reported.
  var flops: FLOPs? { get }

  /// The loss of a batch in training.
  func loss(_ batch: DeviceBatch, _ context: ForwardContext) -> StepOutput
  /// What an evaluation counts of a batch; called without gradients. Reads nothing from the device.
  func count(_ batch: DeviceBatch, _ context: ForwardContext) -> MetricSums
  /// The metrics of an epoch's training, from the sums that `loss` gave of its samples, on the host.
  func trainingMetrics(_ sums: [String: Double], numSamples: Int) -> [Metric]
  /// The report of an evaluation, from all that `count` gave; `Evaluator` adds what is not the task's.
  func report(_ sums: MetricSums.Values, numSamples: Int) -> EvaluationReport
}

extension TrainingTask {
  /// None but the loss, which the trainer reports itself.
  public func trainingMetrics(_ sums: [String: Double], numSamples: Int) -> [Metric] { [] }

  /// Not known.
  public var flops: FLOPs? { nil }
}

/// A number about a model, by name: `loss`, `top1`.
public struct Metric: Codable, Sendable, Equatable {
  /// The name, as records have it behind `val_` or `train_`.
  public var name: String
  /// The value.
  public var value: Double

  /// A metric.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// The metric that tells a better model from a worse one.
public struct PrimaryMetric: Sendable, Equatable {
  /// Its name in a report.
  public let name: String
  /// Whether a higher value is better.
  public let isHigherBetter: Bool

  /// A metric and its direction.
  public init(_ name: String, isHigherBetter: Bool) {
    self.name = name
    self.isHigherBetter = isHigherBetter
  }
}

/// What a task makes of a batch in training.
public struct StepOutput {
  /// The mean over the samples, a differentiable scalar in float32 at least.
  public let loss: Tensor
  /// Sums over the samples by name, scalars on the device without gradients; the same names at every step.
  public let sums: KeyValuePairs<String, Tensor>

  /// A loss with what is counted beside it.
  public init(loss: Tensor, sums: KeyValuePairs<String, Tensor> = [:]) {
    self.loss = loss
    self.sums = sums
  }
}
