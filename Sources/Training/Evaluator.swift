import NN
public import Dataset
public import Parallelism
import Telemetry
public import Torch

/// Scores a task's model on a set.
public final class Evaluator {
  /// What is scored on; its sampler gives each sample once, and its ranks take batches by turns.
  public let loader: DataLoader
  private let group: ProcessGroup
  private let transfer: DeviceTransfer
  private let context: ForwardContext

  /// An evaluator over `loader`.
  /// - Parameters:
  ///   - autocast: the 16-bit type that operators which gain from it compute in; nil computes all in float32.
  ///   - group: the ranks among which the loader shares out its batches.
  public init(loader: DataLoader, device: Device, autocast: DType? = nil, group: ProcessGroup = .alone) {
    precondition(loader.numRanks == group.size && loader.rank == group.rank, "the loader is another rank's")
    self.loader = loader
    self.group = group
    transfer = DeviceTransfer(to: device)
    var context = ForwardContext.inference
    context.autocast = autocast
    self.context = context
  }

  /// Scores the task's model as it is, each sample once, on whichever rank; all ranks get the same report. The device is
  /// read at the end.
  /// - Parameters:
  ///   - progress: told after each batch how many samples it had.
  ///   - shouldStop: asked after each batch of a process alone; true ends early with nil. Several ranks go to the end.
  /// - Throws: `DataLoaderError`, `TorchError`, `CollectiveError`.
  public func callAsFunction(
    _ task: any TrainingTask, progress: ((Int) -> Void)? = nil, shouldStop: () -> Bool = { false }
  ) throws -> EvaluationReport? {
    let start = monotonicSeconds()
    var counted: [(index: Int, sums: MetricSums)] = []
    var numSamples = 0
    let epoch = try loader.makeEpoch(0)
    while let batch = try epoch.next() {
      let (index, count) = (batch.index, batch.count)
      numSamples += count
      // Another rank's turn, or nothing but bad samples.
      if count == 0 { continue }
      try recovering { try withoutGrad { counted.append((index, task.count(try transfer(batch), context))) } }
      progress?(count)
      if group.size == 1, shouldStop() {
        epoch.cancel()
        return nil
      }
    }
    let values = try recovering { try MetricSums.values(of: counted, over: group) }
    try loader.badSamples.share(over: group)
    var report = task.report(values, numSamples: try group.gathered([numSamples], "counts").reduce(0, +))
    report.numBadSamples = loader.badSamples.count
    report.seconds = monotonicSeconds() - start
    return report
  }
}

extension BadSampleLog {
  /// Takes over what the other ranks have found, so that all know, and list, the same.
  /// - Throws: `DataLoaderError.tooManyBadSamples`, on all ranks alike; `CollectiveError`.
  public func share(over group: ProcessGroup) throws {
    guard group.size > 1 else { return }
    try add(try group.gathered(samples, "the bad samples"))
  }
}
