// The loop. It reads from top to bottom: batches, step, events, evaluation, checkpoint; hooks only observe.
import Foundation
import NN
public import Dataset
public import Optim
import Settings
import Telemetry
public import Torch
public import VisionModels

/// Trains a model, evaluates it, saves it, and can resume where an earlier process stopped.
public final class Trainer {
  /// What can be set of the loop.
  public struct Options: Sendable {
    /// Epochs of the run.
    public var numEpochs = 1
    /// Ends the run after so many optimizer steps.
    public var maxSteps: Int?
    /// Evaluates at the end of every so many epochs, and at the end of the run.
    public var evaluateEveryEpochs = 1
    /// Saves at the end of every so many epochs, and at the end of the run.
    public var saveEveryEpochs = 1
    /// Saves after every so many steps as well.
    public var saveEverySteps: Int?
    /// How many of the newest checkpoints are kept; `best` is kept besides.
    public var numKept = 3
    /// Ends the run when evaluations no longer improve.
    public var earlyStopping: EarlyStopping.Options?
    /// What the device can do at best, in FLOP/s; without it no utilisation is reported.
    public var peakSpeed: Double?

    /// One epoch.
    public init() {}
  }

  /// The parts of a run.
  public struct Parts {
    /// The model, on its device.
    public var model: any ImageClassifier
    /// What a checkpoint says of the model.
    public var description: ModelDescription
    /// What a checkpoint says of the images.
    public var data: DataDescription
    /// Trains the model's parameters.
    public var optimizer: any Optimizer
    /// The average of the weights, if any. Evaluations and `best` take it.
    public var average: WeightAverage?
    /// Multiplies the loss for the backward pass, for float16; on the model's device.
    public var scaler: LossScaler?
    /// The learning rate by step.
    public var schedule: Schedule
    /// The samples to train on.
    public var loader: DataLoader
    /// Scores on the validation set; nil where there is none.
    public var evaluator: Evaluator?
    /// Where the model is.
    public var device: Device
    /// How a step is made.
    public var step: TrainStep.Options
    /// The resolved settings as YAML.
    public var config: String

    /// The parts of a run.
    public init(
      model: any ImageClassifier, description: ModelDescription, data: DataDescription, optimizer: any Optimizer,
      average: WeightAverage?, scaler: LossScaler? = nil, schedule: Schedule, loader: DataLoader,
      evaluator: Evaluator?, device: Device, step: TrainStep.Options, config: String
    ) {
      self.model = model
      self.description = description
      self.data = data
      self.optimizer = optimizer
      self.average = average
      self.scaler = scaler
      self.schedule = schedule
      self.loader = loader
      self.evaluator = evaluator
      self.device = device
      self.step = step
      self.config = config
    }
  }

  let parts: Parts
  let options: Options
  let directory: RunDirectory
  private var hooks: [any Hook]
  private let stopRequest: () -> String?
  private let step: TrainStep
  var state: TrainState
  private var stopReason: String?
  private let flops: FLOPs
  private var meter: EpochMeter

  /// A trainer of a new run; see `resume(from:state:)` for one that resumes.
  /// - Parameters:
  ///   - hooks: told of everything, in this order.
  ///   - stopRequest: asked after every step; a reason makes the run save and end.
  public init(
    _ parts: Parts, options: Options, directory: RunDirectory, hooks: [any Hook],
    stopRequest: @escaping () -> String? = { nil }
  ) {
    self.parts = parts
    self.options = options
    self.directory = directory
    self.hooks = hooks
    self.stopRequest = stopRequest
    flops = FLOPs(parts.description.config)
    meter = EpochMeter(device: parts.device, flops: flops, peakSpeed: options.peakSpeed)
    step = TrainStep(
      model: parts.model, optimizer: parts.optimizer, average: parts.average, scaler: parts.scaler,
      device: parts.device, options: parts.step)
    state = TrainState(
      loader: parts.loader.state(epoch: 0, nextBatch: 0), optimizer: parts.optimizer.state.scalars,
      runtime: .current(device: parts.device), model: parts.description, data: parts.data, config: parts.config)
  }

  /// Adds a hook after those that are there.
  public func add(_ hook: any Hook) { hooks.append(hook) }

  /// Optimizer steps of an epoch.
  public var stepsPerEpoch: Int { parts.step.numSteps(ofBatches: parts.loader.numBatches) }

  /// Optimizer steps of the whole run.
  public var totalSteps: Int { min(options.maxSteps ?? .max, options.numEpochs * stepsPerEpoch) }

  /// Trains until all steps are made, or something asks it to stop.
  /// - Returns: how it ended; an interrupted run has saved its state.
  /// - Throws: `TrainingError`, `DataLoaderError`, `TorchError`, `CheckpointError`, or what a hook throws; hooks have
  ///   seen the end then.
  public func run() throws -> RunEnd {
    let start = monotonicSeconds()
    let secondsBefore = state.seconds
    func end(_ status: RunEnd.Status) -> RunEnd {
      RunEnd(
        status: status, earlyStop: status == .completed ? earlyStop : nil, step: state.step, epoch: state.epoch,
        best: state.best, seconds: state.seconds)
    }
    do {
      try emit(.start(startReport()))
      try writeBadSamples()
      stopReason = stopReason ?? stopRequest()
      if stopReason != nil { try save(isBest: false) }
      while !isOver, stopReason == nil {
        try trainEpoch { self.state.seconds = secondsBefore + monotonicSeconds() - start }
      }
    } catch {
      // The error itself goes on; a hook that fails as well must not hide it.
      try? writeBadSamples()
      var failed = end(.failed(plainReason(of: error)))
      if case TrainingError.notFinite(_, _, _, let files) = error { failed.files = files }
      try? emit(.end(failed))
      throw error
    }
    try writeBadSamples()
    let result = end(stopReason.map { .interrupted($0) } ?? .completed)
    try emit(.end(result))
    return result
  }

  private func trainEpoch(updateClock: () -> Void) throws {
    meter.begin()
    try emit(.epochStart(EpochStart(step: state.step, epoch: state.epoch + 1)))
    let batches = StepBatches(try parts.loader.resume(from: state.loader), of: parts.step)
    while state.step < totalSteps, stopReason == nil {
      let learningRate = parts.schedule.learningRate(atStep: state.step)
      batches.beginStep()
      let start = monotonicSeconds()
      var waiting = 0.0
      let outcome = try withSpan("step") {
        try step(learningRate: learningRate) {
          let asked = monotonicSeconds()
          defer { waiting += monotonicSeconds() - asked }
          return try withSpan("data wait", batches.next)
        }
      }
      state.loader = batches.state
      guard let outcome else { break }
      try take(outcome, learningRate: learningRate, since: start, waiting: waiting)
      updateClock()
      stopReason = stopReason ?? stopRequest()
      if let every = options.saveEverySteps, state.step % every == 0, !batches.isOver, stopReason == nil {
        try save(isBest: false)
      }
    }
    let isEpochOver = batches.isOver
    batches.cancel()
    guard stopReason == nil, isEpochOver || state.step >= totalSteps else { return try save(isBest: false) }

    let evaluation = try evaluateIfDue()
    updateClock()
    // A hook that stops the run at the end of an evaluation throws nothing away.
    guard stopReason == nil || evaluation != nil else { return try save(isBest: false) }
    var report = meter.report(
      step: state.step, epoch: state.epoch + 1, trainLoss: state.epochMeanLoss,
      learningRate: parts.schedule.learningRate(atStep: max(0, state.step - 1)), evaluation: evaluation)
    report.trainTop1 = state.epochTop1
    report.numSkippedSteps = parts.scaler == nil ? nil : state.epochNumSkipped ?? 0
    try emit(.epoch(report))
    // An evaluation where `maxSteps` cuts an epoch is none of a run that is not cut.
    if isEpochOver, let evaluation, let options = options.earlyStopping {
      state.earlyStopping = EarlyStopping(options).state(
        after: evaluation, epoch: state.epoch + 1, before: state.earlyStopping)
    }
    let isBest = evaluation.map(takeIfBest) ?? false
    state.endedStep = state.step
    // A run that its number of steps cuts within an epoch stays there, so that it can go on with a larger number.
    if isEpochOver {
      state.epoch += 1
      state.startEpochSums()
      state.loader = parts.loader.state(epoch: state.epoch, nextBatch: 0)
    }
    if isBest || isOver || state.epoch % options.saveEveryEpochs == 0 || stopReason != nil {
      try save(isBest: isBest)
    }
  }

  /// Reads what a step did, and refuses what is no number before anything is built on it. In float16 such a step has
  /// changed nothing and the factor of the loss falls; at its minimum scaling is not to blame, and the run ends.
  private func take(_ outcome: TrainStep.Outcome, learningRate: Double, since start: Double, waiting: Double) throws {
    let numbers = try recovering { outcome.numbers() }
    let canScaleDown = (numbers.lossScale ?? 0) > (parts.scaler?.minimum ?? .infinity)
    guard numbers.isFinite || canScaleDown else {
      throw TrainingError.notFinite(
        step: state.step + 1, loss: numbers.loss, gradientNorm: numbers.gradientNorm, files: outcome.files)
    }
    state.step += 1
    state.add(numbers, numSamples: outcome.numSamples)
    let report = StepReport(
      step: state.step, epoch: state.epoch + 1, loss: numbers.loss, learningRate: learningRate,
      gradientNorm: numbers.gradientNorm, lossScale: numbers.lossScale, isSkipped: !numbers.isFinite,
      numSamples: outcome.numSamples, seconds: monotonicSeconds() - start, waitingSeconds: waiting)
    meter.add(report)
    try emit(.step(report))
  }

  /// Whether all is done. A run that was stopped after its last step still has to end its last epoch.
  public var isOver: Bool {
    state.epoch >= options.numEpochs || (state.step >= totalSteps && state.endedStep == state.step)
      || earlyStop != nil
  }

  /// Why early stopping ends the run, also one that is resumed after that.
  public var earlyStop: String? {
    options.earlyStopping.flatMap { EarlyStopping($0).reason(in: state.earlyStopping) }
  }

  private func evaluateIfDue() throws -> EvaluationReport? {
    let epoch = state.epoch + 1
    let isDue = epoch % options.evaluateEveryEpochs == 0 || epoch >= options.numEpochs || state.step >= totalSteps
    guard isDue, let evaluator = parts.evaluator else { return nil }
    func evaluate() throws -> EvaluationReport? {
      try evaluator(
        parts.model,
        shouldStop: {
          stopReason = stopReason ?? stopRequest()
          return stopReason != nil
        })
    }
    let numSamples = evaluator.loader.source.count
    try emit(.evaluationStart(EvaluationStart(step: state.step, epoch: epoch, numSamples: numSamples)))
    let report = try withSpan("evaluation") {
      try parts.average.map { try $0.whileApplied(to: parts.model, evaluate) } ?? evaluate()
    }
    if let report {
      if report.numNonFinite > 0 {
        try emit(.warning("the evaluation of epoch \(epoch): \(report.nonFiniteText)"))
      }
      try emit(.evaluation(report, step: state.step, epoch: epoch))
    }
    return report
  }

  private func takeIfBest(_ evaluation: EvaluationReport) -> Bool {
    // The higher top-1, of equals the lower loss; what is no number is worse than any.
    func rank(_ top1: Double, _ loss: Double) -> (Double, Double) {
      (top1.isNaN ? -1 : top1, loss.isNaN ? -.infinity : -loss)
    }
    if let best = state.best, rank(best.top1, best.loss) >= rank(evaluation.top1, evaluation.loss) { return false }
    state.best = TrainState.Best(
      step: state.step, epoch: state.epoch + 1, top1: evaluation.top1, loss: evaluation.loss)
    return true
  }

  func emit(_ event: TrainingEvent) throws {
    for hook in hooks {
      if case .stop(let reason) = try hook.receive(event) { stopReason = stopReason ?? reason }
    }
  }

  private func startReport() -> RunStart {
    RunStart(
      totalSteps: totalSteps, stepsPerEpoch: stepsPerEpoch, numEpochs: options.numEpochs, step: state.step,
      epoch: state.epoch, numTrainSamples: parts.loader.source.count,
      numValidationSamples: parts.evaluator?.loader.source.count ?? 0, numParameters: parts.model.numParameters,
      model: parts.description, runtime: state.runtime, best: state.best, flopsPerImage: flops.forward,
      peakSpeed: options.peakSpeed)
  }
}
