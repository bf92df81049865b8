public import Telemetry
import Torch

/// Turns events into records for the sinks: console, JSON lines, event files.
public final class MetricsHook: Hook {
  private let sinks: [any MetricSink]
  private let warnings: [String]

  /// A hook that feeds `sinks` and closes them at the end of the run.
  /// - Parameter warnings: what the user was told before the run started; the first sink gets them behind the start.
  public init(_ sinks: [any MetricSink], warnings: [String] = []) {
    self.sinks = sinks
    self.warnings = warnings
  }

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
    if case .start = event, let first = sinks.first {
      for line in warnings {
        attempt { () throws(TelemetryError) in try first.write(MetricRecord(.warning, ["message": .string(line)])) }
      }
    }
    if let failure { throw failure }
    return .goOn
  }

  /// The record of an event; docs/formats/metrics.md lists its fields.
  static func record(of event: TrainingEvent) -> MetricRecord? {
    switch event {
    case .start(let start): record(of: start)
    case .step(let step): record(of: step)
    case .epoch(let epoch): record(of: epoch)
    case .end(let end): record(of: end)
    case .warning(let message): MetricRecord(.warning, ["message": .string(message)])
    // Evaluations belong to the epochs that they end.
    case .epochStart, .stepStart, .evaluationStart, .evaluation, .saved: nil
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
        "threads": .int(start.runtime.numThreads), "matmul_backend": .string(start.runtime.matmulBackend.rawValue),
        "torch_version": .string(start.runtime.torchVersion),
      ])
    if let flops = start.flopsPerImage { record.fields.append(.init("gflops_per_image", .double(flops / 1e9))) }
    if let peak = start.peakSpeed { record.fields.append(.init("peak_tflops", .double(peak / 1e12))) }
    add(start.best, to: &record)
    return record
  }

  private static func add(_ best: TrainState.Best?, to record: inout MetricRecord) {
    guard let best else { return }
    record.fields += [
      .init("best_epoch", .int(best.epoch)), .init("best_\(best.metric.name)", .double(best.metric.value)),
      .init("best_loss", .double(best.loss)),
    ]
  }

  private static func record(of step: StepReport) -> MetricRecord {
    var record = MetricRecord(
      .step,
      [
        "step": .int(step.step), "epoch": .int(step.epoch), "loss": .double(step.loss),
        "lr": .double(step.learningRate), "images_per_second": .double(step.imagesPerSecond),
        "gradient_norm": .double(step.gradientNorm), "samples": .int(step.numSamples),
        "step_seconds": .double(step.seconds), "data_wait_seconds": .double(step.waitingSeconds),
      ])
    if let scale = step.lossScale { record.fields += [.init("loss_scale", .double(scale))] }
    if step.isSkipped { record.fields += [.init("skipped", .bool(true))] }
    return record
  }

  private static func record(of epoch: EpochReport) -> MetricRecord {
    var record = MetricRecord(
      .epoch, ["step": .int(epoch.step), "epoch": .int(epoch.epoch), "train_loss": .double(epoch.trainLoss)])
    record.fields += epoch.trainMetrics.map { .init("train_\($0.name)", .double($0.value)) }
    if let skipped = epoch.numSkippedSteps { record.fields += [.init("skipped_steps", .int(skipped))] }
    record.fields += epoch.evaluation?.metrics.map { .init("val_\($0.name)", .double($0.value)) } ?? []
    record.fields += [.init("lr", .double(epoch.learningRate)), .init("epoch_seconds", .double(epoch.seconds))]
    if let evaluation = epoch.evaluation {
      record.fields.append(.init("val_seconds", .double(evaluation.seconds)))
    }
    add(epoch.trainRate, prefix: "", to: &record)
    add(epoch.evaluationRate, prefix: "val_", to: &record)
    add(epoch.steps, to: &record)
    add(epoch.memory, to: &record)
    return record
  }

  private static func add(_ rate: ComputeRate?, prefix: String, to record: inout MetricRecord) {
    guard let rate else { return }
    record.fields += [
      .init("\(prefix)images_per_second", .double(rate.imagesPerSecond)),
      .init("\(prefix)tflops", .double(rate.flopsPerSecond / 1e12)),
    ]
    if let utilization = rate.utilization { record.fields.append(.init("\(prefix)mfu", .double(utilization))) }
  }

  private static func add(_ steps: StepTimes, to record: inout MetricRecord) {
    guard let mean = steps.mean, let median = steps.median, let slow = steps.quantile(0.95) else { return }
    record.fields += [
      .init("step_seconds_last", .double(steps.last)), .init("step_seconds_mean", .double(mean)),
      .init("step_seconds_median", .double(median)), .init("step_seconds_p95", .double(slow)),
    ]
    if let share = steps.waitingShare { record.fields.append(.init("data_wait", .double(share))) }
  }

  private static func add(_ memory: MemoryReport, to record: inout MetricRecord) {
    func megabytes(_ bytes: Int) -> MetricRecord.Value { .double(Double(bytes) / 1_000_000) }
    record.fields += [
      .init("memory_mb", megabytes(memory.tensors.current)), .init("peak_memory_mb", megabytes(memory.tensors.peak)),
      .init("reserved_memory_mb", megabytes(memory.tensors.reserved)),
    ]
    if let process = memory.process { record.fields.append(.init("process_memory_mb", megabytes(process))) }
    record.fields.append(.init("process_peak_memory_mb", megabytes(memory.processPeak)))
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
    if let reason = reason ?? end.earlyStop { record.fields.append(.init("reason", .string(reason))) }
    if !end.files.isEmpty { record.fields.append(.init("files", .list(end.files.map { .string($0) }))) }
    add(end.best, to: &record)
    return record
  }
}
