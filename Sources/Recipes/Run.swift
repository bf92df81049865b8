import Checkpoint
import Dataset
import Foundation
import Settings
public import Telemetry
public import Training

/// A run that is ready to train.
public struct Run {
  /// The settings, with nothing left to be resolved.
  public let options: RunOptions
  /// The images.
  public let data: RunData
  /// The parts, for those who want to look at them.
  public let parts: Trainer.Parts
  private let directory: RunDirectory?
  private let checkpoint: SavedCheckpoint?
  private let hooks: [any Hook]
  private let stopRequest: () -> String?

  init(
    parts: Trainer.Parts, options: RunOptions, data: RunData, directory: RunDirectory?,
    checkpoint: SavedCheckpoint?, hooks: [any Hook], stopRequest: @escaping () -> String?
  ) throws {
    self.parts = parts
    self.options = options
    self.data = data
    self.directory = directory
    self.checkpoint = checkpoint
    self.hooks = hooks
    self.stopRequest = stopRequest
  }

  /// Optimizer steps of an epoch.
  public var stepsPerEpoch: Int {
    (parts.loader.numBatches + options.training.accumulation - 1) / options.training.accumulation
  }

  /// Optimizer steps of the run.
  public var totalSteps: Int { min(options.training.maxSteps ?? .max, stepsPerEpoch * options.training.epochs) }

  /// Checks the headers of all files of both sides, in parallel, without decoding.
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
    let step = checkpoint?.step
    try write(parts.config, to: directory.configFile)
    if FileManager.default.fileExists(atPath: directory.metricsFile) {
      _ = try JSONLinesSink.truncate(path: directory.metricsFile, afterStep: step ?? -1)
    }
    let files: [any MetricSink] = [
      try JSONLinesSink(path: directory.metricsFile),
      try EventFileSink(directory: directory.eventsFolder, resumedAfterStep: step),
    ]
    let trainer = Trainer(
      parts, options: loopOptions, directory: directory, hooks: hooks + [MetricsHook(files + sinks)],
      stopRequest: stopRequest)
    if let checkpoint {
      try trainer.resume(from: checkpoint)
    } else {
      try scan()
    }
    return try trainer.run()
  }

  private var loopOptions: Trainer.Options {
    var loop = Trainer.Options()
    loop.numEpochs = options.training.epochs
    loop.maxSteps = options.training.maxSteps
    loop.evaluateEveryEpochs = options.training.evaluateEveryEpochs
    loop.saveEveryEpochs = options.checkpoint.everyEpochs
    loop.saveEverySteps = options.checkpoint.everySteps
    loop.numKept = options.checkpoint.keep
    return loop
  }

  private func write(_ text: String, to path: String) throws {
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw TrainingError.runDirectory(path: path, reason: error.localizedDescription)
    }
  }
}
