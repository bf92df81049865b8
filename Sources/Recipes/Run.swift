import Checkpoint
import Dataset
import Parallelism
import Foundation
public import Optim
import Settings
public import Telemetry
import Torch
public import Training

/// A run that is ready to train.
public struct Run {
  /// The settings, with nothing left to be resolved.
  public let options: RunOptions
  /// The images.
  public let data: RunData
  /// The parts, for those who want to look at them.
  public let parts: Trainer.Parts
  /// A checkpoint whose tensors `parts` hold, its state, and what starts anew.
  typealias Resumption = (checkpoint: SavedCheckpoint, state: TrainState, changes: [String])

  private let directory: RunDirectory?
  private let resumption: Resumption?
  /// What the user was told while the run was put together, for its records.
  private let warnings: [String]
  private let hooks: [any Hook]
  private let stopRequest: () -> String?
  private let note: (String) -> Void

  init(
    parts: Trainer.Parts, options: RunOptions, data: RunData, directory: RunDirectory?,
    resumption: Resumption?, warnings: [String], hooks: [any Hook], stopRequest: @escaping () -> String?,
    note: @escaping (String) -> Void
  ) throws {
    self.parts = parts
    self.options = options
    self.data = data
    self.directory = directory
    self.resumption = resumption
    self.warnings = warnings
    self.hooks = hooks
    self.stopRequest = stopRequest
    self.note = note
  }

  /// Optimizer steps of an epoch.
  public var stepsPerEpoch: Int { parts.stepsPerEpoch }

  /// Epochs and optimizer steps that the schedule spans.
  public var scheduledLength: RunLength { options.training.scheduledLength(stepsPerEpoch: stepsPerEpoch) }

  /// Optimizer steps of the run.
  public var totalSteps: Int { loopOptions.totalSteps(stepsPerEpoch: stepsPerEpoch) }

  /// Checks the headers of all files of both splits, in parallel, without decoding.
  /// - Throws: `DataLoaderError` where too many are bad, or one is and bad files stop the run.
  public func scan() throws {
    for loader in [parts.loader, parts.evaluator?.loader].compactMap(\.self) {
      try loader.scanHeaders(numThreads: AvailableProcessors.count)
    }
  }

  /// Trains to the end, or until it is asked to stop.
  /// - Parameter sinks: take the run's records, besides `metrics.jsonl` and the event files.
  /// - Throws: whatever ends the run early: `TrainingError`, `DataLoaderError`, `TorchError`, `CheckpointError`.
  public func train(reportingTo sinks: [any MetricSink] = []) throws -> RunEnd {
    guard let directory else { preconditionFailure("a plan has no directory to train in") }
    var loop = loopOptions
    loop.peakSpeed = peakSpeed()
    let trainer = Trainer(
      parts, options: loop, directory: directory, hooks: parts.ranks.group.isFirst ? hooks : [],
      stopRequest: stopRequest)
    // Everything that can be refused comes before the first change of a file.
    if let resumption {
      try trainer.resume(from: resumption.checkpoint, state: resumption.state)
    } else {
      let group = parts.ranks.group
      // Headers need to be looked at once; the others learn what was found.
      if group.isFirst { try scanListingBad(in: directory) }
      try parts.loader.badSamples.share(over: group)
      try parts.evaluator?.loader.badSamples.share(over: group)
    }
    guard parts.ranks.group.isFirst else { return try trainer.run() }
    if trainer.isOver { note(finishedText(earlyStop: trainer.earlyStop, step: resumption?.state.step ?? 0)) }
    try directory.write(config: parts.config, keepsFormer: resumption != nil)
    let hasRecords = FileManager.default.fileExists(atPath: directory.metricsFile)
    if hasRecords { try dropRecordsAfterCheckpoint(directory.metricsFile) }
    let metrics = try JSONLinesSink(path: directory.metricsFile)
    let events = try EventFileSink(
      directory: directory.eventsFolder, resumedAfterStep: resumption?.checkpoint.step ?? (hasRecords ? 0 : nil))
    trainer.add(MetricsHook([metrics, events] + sinks, warnings: warnings))
    if let profile = options.training.profile {
      trainer.add(ProfilerHook(profile, folder: directory.path, device: parts.device, note: note))
    }
    return try trainer.run()
  }

  /// That there is nothing left to do, and what makes the run longer.
  private func finishedText(earlyStop: String?, step: Int) -> String {
    let (end, setting): (String, String) =
      if let earlyStop, let stopping = options.training.earlyStopping {
        (earlyStop, "training.early_stopping.patience=\(2 * stopping.patience)")
      } else if let maxSteps = options.training.maxSteps, step >= maxSteps {
        ("its \(maxSteps) steps are made", "training.max_steps=\(2 * maxSteps)")
      } else {
        (
          "its \(scheduledLength.numEpochs) epochs are done",
          "training.epochs=\(2 * (options.training.epochs ?? scheduledLength.numEpochs))"
        )
      }
    return "the run is finished: \(end); to train longer: \(RunDirectory.resumeCommand(options.out)) --set \(setting)"
  }

  private func scanListingBad(in directory: RunDirectory) throws {
    do {
      try scan()
    } catch {
      try? directory.write(badSamples: [
        ("train", parts.loader.badSamples.samples), ("validation", parts.evaluator?.loader.badSamples.samples ?? []),
      ])
      throw error
    }
  }

  /// The records of what the checkpoint does not hold go: the run does it again.
  private func dropRecordsAfterCheckpoint(_ path: String) throws {
    guard let state = resumption?.state else {
      try JSONLinesSink.truncate(path: path, afterStep: -1)
      return
    }
    // The record of an epoch that the run's last step cut short stays, unless the run now goes on.
    let isOver = state.step >= totalSteps && state.endedStep == state.step
    try JSONLinesSink.truncate(path: path, afterStep: state.step, epoch: isOver ? .max : state.epoch)
  }

  private var loopOptions: Trainer.Options {
    var loop = Trainer.Options()
    loop.numEpochs = scheduledLength.numEpochs
    loop.maxSteps = options.training.maxSteps
    loop.evaluateEveryEpochs = options.training.evaluateEveryEpochs
    loop.saveEveryEpochs = options.checkpoint.everyEpochs
    loop.saveEverySteps = options.checkpoint.everySteps
    loop.numKept = options.checkpoint.keep
    loop.savesInBackground = options.checkpoint.asynchronous
    loop.readEverySteps = options.training.readEverySteps
    loop.earlyStopping = options.training.earlyStopping
    return loop
  }

  /// FLOP/s of the device at best, in the run's precision: what was set, else what is known of the device, or measured.
  private func peakSpeed() -> Double? {
    if let set = options.training.peakTflops { return set * 1e12 }
    if let known = PeakSpeed.of(parts.device, for: options.precision.autocast ?? .float32) { return known }
    let name = parts.device.name ?? parts.device.description
    note("the peak speed of \(name) is not known: no MFU is reported; training.peak_tflops sets it")
    return nil
  }
}
