public import Telemetry
import Torch

/// Turns events into records for the sinks: console, JSON lines, event files.
public final class MetricsHook: Hook {
  private let sinks: [any MetricSink]

  /// A hook that feeds `sinks` and closes them at the end of the run.
  public init(_ sinks: [any MetricSink]) { self.sinks = sinks }

  /// Writes a record, where the event has one.
  public func receive(_ event: TrainingEvent) throws -> LoopDecision {
    // A sink that fails keeps nothing from the others.
    var failure: TelemetryError?
    func attempt(_ body: () throws(TelemetryError) -> Void) {
      do throws(TelemetryError) { try body() } catch { failure = failure ?? error }
    }
    let record = Self.record(of: event)
    for sink in sinks {
      if let record { attempt { () throws(TelemetryError) in try sink.write(record) } }
      if case .end = event { attempt { () throws(TelemetryError) in try sink.close() } }
    }
    if let failure { throw failure }
    return .goOn
  }

  /// The record of an event; docs/formats.md lists its fields.
  static func record(of event: TrainingEvent) -> MetricRecord? {
    switch event {
    case .start(let start): record(of: start)
    case .step(let step): record(of: step)
    case .epoch(let epoch): record(of: epoch)
    case .end(let end): record(of: end)
    case .warning(let message): MetricRecord(.warning, ["message": .string(message)])
    case .saved: nil
    }
  }

  private static func record(of start: RunStart) -> MetricRecord {
    var record = MetricRecord(
      .runStart,
      [
        "total_steps": .int(start.totalSteps), "steps_per_epoch": .int(start.stepsPerEpoch),
        "epochs": .int(start.numEpochs), "step": .int(start.step), "epoch": .int(start.epoch),
        "train_samples": .int(start.numTrainSamples), "validation_samples": .int(start.numValidationSamples),
        "model": .string(start.model.name), "parameters": .int(start.numParameters),
        "classes": .int(start.model.classes.count), "device": .string(start.runtime.device),
        "threads": .int(start.runtime.numThreads), "product_backend": .string(start.runtime.productBackend.rawValue),
        "torch_version": .string(start.runtime.torchVersion),
      ])
    add(start.best, to: &record)
    return record
  }

  private static func add(_ best: TrainState.Best?, to record: inout MetricRecord) {
    guard let best else { return }
    record.fields += [
      .init("best_epoch", .int(best.epoch)), .init("best_top1", .double(best.top1)),
      .init("best_loss", .double(best.loss)),
    ]
  }

  private static func record(of step: StepReport) -> MetricRecord {
    MetricRecord(
      .step,
      [
        "step": .int(step.step), "epoch": .int(step.epoch), "loss": .double(step.loss),
        "lr": .double(step.learningRate), "images_per_second": .double(step.imagesPerSecond),
        "gradient_norm": .double(step.gradientNorm), "samples": .int(step.numSamples),
      ])
  }

  private static func record(of epoch: EpochReport) -> MetricRecord {
    var record = MetricRecord(
      .epoch, ["step": .int(epoch.step), "epoch": .int(epoch.epoch), "train_loss": .double(epoch.trainLoss)])
    if let evaluation = epoch.evaluation {
      record.fields += [
        .init("val_loss", .double(evaluation.loss)), .init("val_top1", .double(evaluation.top1)),
        .init("val_top5", .double(evaluation.top5)),
      ]
    }
    record.fields += [
      .init("epoch_seconds", .double(epoch.seconds)),
      .init("peak_memory_mb", .double(Double(epoch.peakMemory) / 1_000_000)),
    ]
    return record
  }

  private static func record(of end: RunEnd) -> MetricRecord {
    let (status, reason): (String, String?) =
      switch end.status {
      case .completed: ("completed", nil)
      case .interrupted(let reason): ("interrupted", reason)
      case .failed(let reason): ("failed", reason)
      }
    var record = MetricRecord(
      .runEnd,
      [
        "status": .string(status), "step": .int(end.step), "epoch": .int(end.epoch), "seconds": .double(end.seconds),
      ])
    if let reason { record.fields.append(.init("reason", .string(reason))) }
    if !end.files.isEmpty { record.fields.append(.init("files", .list(end.files.map { .string($0) }))) }
    add(end.best, to: &record)
    return record
  }
}
