import NN
public import Dataset
import Telemetry
public import Torch

/// Scores a task's model on a set.
public final class Evaluator {
  /// What is scored on; its sampler gives each sample once.
  public let loader: DataLoader
  private let transfer: DeviceTransfer
  private let context: ForwardContext

  /// An evaluator over `loader`.
  /// - Parameter autocast: the 16-bit type that operators which gain from it compute in; nil computes all in float32.
  public init(loader: DataLoader, device: Device, autocast: DType? = nil) {
    self.loader = loader
    transfer = DeviceTransfer(to: device)
    var context = ForwardContext.inference
    context.autocast = autocast
    self.context = context
  }

  /// Scores the task's model as it is. The device is read once, at the end.
  /// - Parameters:
  ///   - progress: told after each batch how many samples it had.
  ///   - shouldStop: asked after each batch; true ends early with nil.
  /// - Throws: `DataLoaderError`, `TorchError`.
  public func callAsFunction(
    _ task: any TrainingTask, progress: ((Int) -> Void)? = nil, shouldStop: () -> Bool = { false }
  ) throws -> EvaluationReport? {
    let start = monotonicSeconds()
    var sums = MetricSums([:])
    var numSamples = 0
    let epoch = try loader.makeEpoch(0)
    while let batch = try epoch.next() {
      numSamples += batch.count
      let count = batch.count
      try recovering { withoutGrad { sums += task.count(transfer(batch), context) } }
      progress?(count)
      if shouldStop() {
        epoch.cancel()
        return nil
      }
    }
    let values = try recovering { sums.values() }
    var report = task.report(values, numSamples: numSamples)
    report.numBadSamples = loader.badSamples.count
    report.seconds = monotonicSeconds() - start
    return report
  }
}
