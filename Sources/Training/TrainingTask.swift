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

/// What an evaluation counts, on the device: it adds up over batches, and so over processes.
public struct MetricSums {
  private var sums: StateDict
  /// By name the pieces, each [n, width], in order.
  private var rows: [String: [Tensor]]

  /// Sums over the samples of a batch.
  /// - Parameters:
  ///   - sums: tensors of any shape, which is the same for every batch; float64 where many are added.
  ///   - rows: int64 [N, width], a row for each sample: for what as a sum would be a table without end.
  public init(_ sums: KeyValuePairs<String, Tensor>, rows: KeyValuePairs<String, Tensor> = [:]) {
    self.sums = StateDict(sums.map { (name: $0.key, tensor: $0.value) })
    self.rows = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, [$0.value]) })
  }

  /// Adds what another batch gave.
  public static func += (a: inout MetricSums, b: MetricSums) {
    for entry in b.sums.entries { a.sums[entry.name] = a.sums[entry.name].map { $0 + entry.tensor } ?? entry.tensor }
    a.rows.merge(b.rows) { $0 + $1 }
  }

  /// The same on the host.
  public struct Values {
    private let sums: [String: [Double]]
    private let rows: [String: [Int]]

    fileprivate init(_ sums: [String: [Double]], _ rows: [String: [Int]]) {
      self.sums = sums
      self.rows = rows
    }

    /// The elements of a sum, in row-major order; none of a name that was not counted.
    public subscript(name: String) -> [Double] { sums[name] ?? [] }
    /// The rows of all samples, one after the other.
    public subscript(rows name: String) -> [Int] { rows[name] ?? [] }
    /// A sum of one element; NaN of a name that was not counted.
    public func scalar(_ name: String) -> Double { self[name].first ?? .nan }
  }

  /// Waits for the device.
  public func values() -> Values {
    Values(
      Dictionary(uniqueKeysWithValues: sums.entries.map { ($0.name, $0.tensor.doubles()) }),
      rows.mapValues { pieces in withoutGrad { Tensor.concatenated(pieces) }.array(Int.self) })
  }
}
