// The loop. It reads from top to bottom: `run` goes through the epochs, `runSteps` through the steps of one, and
// `closeEpoch` evaluates, reports and saves; hooks only observe.
//
// The host runs one step ahead of what it knows: the numbers of a step are read while the next one runs. Weights are safe
// meanwhile, because a step whose numbers are not finite changes nothing on the device. Before anything is saved,
// evaluated or ended, all numbers are read.
import Checkpoint
import Dataset
import Optim
import Parallelism
import Settings
import Telemetry
import Torch

/// Trains a task's model, evaluates it, saves it, and can resume where an earlier process stopped.
public final class Trainer {
  let parts: Parts
  let options: Options
  let directory: RunDirectory
  /// What is known: it counts the steps whose numbers were read.
  var state: TrainState
  var hooks: [any Hook]
  let stopRequest: () -> String?
  /// Why the run should end early: the first reason that a hook, a signal or the caller gave; of several ranks, what they
  /// agreed on.
  var stopReason: String?
  /// What this rank would end for, which the others do not know yet.
  var ownReason: String?
  private let step: TrainStep
  private let transfer: DeviceTransfer
  /// Steps that were made, but not read, in order.
  private var unread: [MadeStep] = []
  /// The save that is being written.
  var pendingSave: PendingSave?
  /// What it is written from.
  let snapshot = TensorSnapshot()
  /// Called where a save is written, right before its first file: a place for tests to hold it.
  var willWrite: @Sendable () -> Void = {}
  private var meter: EpochMeter
  /// Seconds trained, over all starts of the run.
  private(set) var clock: () -> Double = { 0 }

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
    meter = EpochMeter(device: parts.device, flops: parts.task.flops, peakSpeed: options.peakSpeed)
    transfer = DeviceTransfer(to: parts.device, mixing: parts.mixing, group: parts.ranks.group)
    step = TrainStep(
      parts.task, optimizer: parts.optimizer, average: parts.average, scaler: parts.scaler, device: parts.device,
      ranks: parts.ranks, options: parts.step)
    state = TrainState(
      loader: parts.loader.state(epoch: 0, nextBatch: 0), optimizer: parts.optimizer.state.scalars,
      runtime: .current(device: parts.device), model: parts.description, data: parts.data, config: parts.config)
    noteRanks()
  }

  /// Adds a hook after those that are there.
  public func add(_ hook: any Hook) { hooks.append(hook) }

  /// Optimizer steps of the whole run.
  public var totalSteps: Int { options.totalSteps(stepsPerEpoch: parts.stepsPerEpoch) }

  /// Trains until all steps are made, or something asks it to stop.
  /// - Returns: how it ended; an interrupted run has saved its state.
  /// - Throws: `TrainingError`, `DataLoaderError`, `TorchError`, `CheckpointError`, or what a hook throws; hooks have
  ///   seen the end then.
  public func run() throws -> RunEnd {
    let (start, before) = (monotonicSeconds(), state.seconds)
    clock = { before + monotonicSeconds() - start }
    do {
      try tell(.start(startReport()))
      try writeBadSamples()
      try lookForStop()
      if stopReason != nil { try save(isBest: false) }
      while !isOver, stopReason == nil {
        meter.begin()
        try tell(.epochStart(EpochStart(step: state.step, epoch: state.epoch + 1)))
        let isEpochOver = try runSteps()
        if stopReason == nil, isEpochOver || state.step >= totalSteps {
          try closeEpoch(isWhole: isEpochOver)
        } else {
          try save(isBest: false)
        }
      }
      try followSave(isWaiting: true)
      // Whoever uses the model behind the run finds it whole.
      try recovering(parts.ranks.holdValues)
    } catch {
      let cause = causeAfterReading(error)
      if !(cause is CollectiveError) { parts.ranks.group.announceFailure(plainReason(of: cause)) }
      settleSave()
      // The error itself goes on; a hook that fails as well must not hide it.
      try? writeBadSamples()
      var failed = end(.failed(plainReason(of: cause)))
      if case TrainingError.notFinite(_, _, _, let files) = cause { failed.files = files }
      try? tell(.end(failed))
      throw cause
    }
    try writeBadSamples()
    let result = end(stopReason.map { .interrupted($0) } ?? .completed)
    try tell(.end(result))
    return result
  }

  /// Makes the steps that are left of the epoch, and of the run.
  /// - Returns: whether all batches of the epoch were taken.
  private func runSteps() throws -> Bool {
    let group = parts.ranks.group
    let batches = StepBatches(try parts.loader.resume(from: state.loader), of: parts.step)
    defer { batches.cancel() }
    while state.step + unread.count < totalSteps, !batches.isOver, stopReason == nil {
      try group.announce("step \(state.step + unread.count + 1)")
      try tell(.stepStart(state.step + unread.count + 1))
      guard let made = try makeStep(batches) else { break }
      // The one just made runs while those before it are read.
      if unread.count >= options.readEverySteps { try readNumbers() }
      unread.append(made)
      ownReason = ownReason ?? stopRequest()
      // Several ranks agree in the next step, and stop when its numbers are read.
      if group.size == 1 { stopReason = stopReason ?? ownReason }
      try followSave(isWaiting: false)
      // Where the epoch or the run ends with this step, the save comes behind its evaluation.
      let numMade = state.step + unread.count
      if isSaveDue(atStep: numMade), !batches.isOver, numMade < totalSteps, stopReason == nil {
        try save(isBest: false)
      }
    }
    try readNumbers()
    // What passed over the last batches made no step, and counts all the same.
    state.loader = batches.state
    return batches.isOver
  }

  /// Evaluates where that is due, reports the epoch, and saves.
  private func closeEpoch(isWhole: Bool) throws {
    let evaluation = try evaluateIfDue()
    if parts.ranks.group.size > 1 { try lookForStop() }
    // A hook that stops the run at the end of an evaluation throws nothing away.
    guard stopReason == nil || evaluation != nil else { return try save(isBest: false) }
    var report = meter.report(
      step: state.step, epoch: state.epoch + 1, trainLoss: state.epochMeanLoss,
      learningRate: parts.schedule.learningRate(atStep: max(0, state.step - 1)), evaluation: evaluation)
    report.trainMetrics = parts.task.trainingMetrics(state.epochSums, numSamples: state.epochNumSamples)
    report.numSkippedSteps = parts.scaler == nil ? nil : state.epochNumSkipped
    try tell(.epoch(report))
    // An evaluation where `maxSteps` cuts an epoch is none of a run that is not cut.
    if isWhole, let evaluation, let options = options.earlyStopping {
      state.earlyStopping = EarlyStopping(options).state(
        after: evaluation, epoch: state.epoch + 1, before: state.earlyStopping)
    }
    let isBest = evaluation.map { state.takeIfBest($0, by: parts.task.primary) } ?? false
    state.endedStep = state.step
    // A run that its number of steps cuts within an epoch stays there, so that it can go on with a larger number.
    if isWhole {
      state.epoch += 1
      state.startEpochSums()
      state.loader = parts.loader.state(epoch: state.epoch, nextBatch: 0)
    }
    let isDue = isWhole && state.epoch % options.saveEveryEpochs == 0 || isSaveDue(atStep: state.step)
    if isBest || isOver || isDue || stopReason != nil { try save(isBest: isBest) }
  }

  private func makeStep(_ batches: StepBatches) throws -> MadeStep? {
    let learningRate = parts.schedule.learningRate(atStep: state.step + unread.count)
    batches.beginStep()
    let start = monotonicSeconds()
    var waiting = 0.0
    let outcome = try withSpan("step") {
      try step(state.step + unread.count, learningRate: learningRate, isStopWanted: ownReason != nil) {
        let asked = monotonicSeconds()
        let batch = try withSpan("data wait", batches.next)
        waiting += monotonicSeconds() - asked
        return try batch.map { batch in try recovering { try transfer(batch) } }
      }
    }
    return outcome.map {
      MadeStep(
        outcome: $0, learningRate: learningRate, seconds: monotonicSeconds() - start, waiting: waiting,
        loader: batches.state)
    }
  }

  /// Reads what the steps did that were not read yet, all at once. One whose numbers are not finite ends the run; in
  /// float16 it has changed nothing and the factor of the loss falls, until at its minimum scaling is not to blame.
  /// - Parameter isFailing: whether this rank ends by itself, so that the others can be asked nothing more.
  func readNumbers(isFailing: Bool = false) throws {
    guard !unread.isEmpty else { return }
    let steps = unread
    unread = []
    let start = monotonicSeconds()
    let read = try recovering { TrainStep.Outcome.numbers(of: steps.map(\.outcome)) }
    let reading = (monotonicSeconds() - start) / Double(steps.count)
    let group = parts.ranks.group
    for (made, numbers) in zip(steps, read) {
      let canScaleDown = (numbers.lossScale ?? 0) > parts.scaler.map { Double(Float($0.minimum)) } ?? .infinity
      guard numbers.isFinite || canScaleDown else {
        let own = made.outcome.files
        throw TrainingError.notFinite(
          step: state.step + 1, loss: numbers.loss, gradientNorm: numbers.gradientNorm,
          files: isFailing ? own : try group.gathered(own, "the files of a batch"))
      }
      state.step += 1
      state.loader = made.loader
      if numbers.isStopWanted { stopReason = stopReason ?? ownReason ?? "another rank" }
      state.add(numbers)
      state.seconds = clock()
      let report = StepReport(
        step: state.step, epoch: state.epoch + 1, loss: numbers.loss, learningRate: made.learningRate,
        gradientNorm: numbers.gradientNorm, lossScale: numbers.lossScale, isSkipped: !numbers.isFinite,
        numSamples: numbers.numSamples, seconds: made.seconds + reading, waitingSeconds: made.waiting)
      meter.add(report)
      try tell(.step(report))
    }
  }
}
