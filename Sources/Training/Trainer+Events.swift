import Dataset
import NN
import Optim
import Parallelism
import Torch
import VisionModels

// What the trainer asks and tells on its way.
extension Trainer {
  /// Whether all is done. A run that was stopped after its last step still has to end its last epoch.
  public var isOver: Bool {
    state.epoch >= options.numEpochs || (state.step >= totalSteps && state.endedStep == state.step)
      || earlyStop != nil
  }

  /// Why early stopping ends the run, also one that is resumed after that.
  public var earlyStop: String? {
    options.earlyStopping.flatMap { EarlyStopping($0).reason(in: state.earlyStopping) }
  }

  /// Scores the model, or the average of its weights, where the epoch under way ends with that.
  /// - Returns: nil also where the run is asked to stop before it is over.
  func evaluateIfDue() throws -> EvaluationReport? {
    let epoch = state.epoch + 1
    let isDue = epoch % options.evaluateEveryEpochs == 0 || epoch >= options.numEpochs || state.step >= totalSteps
    guard isDue, let evaluator = parts.evaluator else { return nil }
    func evaluate() throws -> EvaluationReport? {
      try evaluator(
        parts.task,
        shouldStop: {
          ownReason = ownReason ?? stopRequest()
          stopReason = stopReason ?? ownReason
          return stopReason != nil
        })
    }
    let numSamples = evaluator.loader.source.count
    try recovering(parts.ranks.holdValues)
    defer { parts.ranks.shareValues() }
    try tell(.evaluationStart(EvaluationStart(step: state.step, epoch: epoch, numSamples: numSamples)))
    let report = try withSpan("evaluation") { try parts.average.map { try $0.whileApplied(evaluate) } ?? evaluate() }
    state.seconds = clock()
    if let report {
      if report.numNonFinite > 0 {
        try tell(.warning("the evaluation of epoch \(epoch): \(report.nonFiniteText)"))
      }
      try tell(.evaluation(report, step: state.step, epoch: epoch))
    }
    return report
  }

  /// What ended the run: the steps that were made before `error` are read first, and one of them that was not finite comes
  /// before whatever followed.
  func causeAfterReading(_ error: any Error) -> any Error {
    do {
      try readNumbers(isFailing: true)
    } catch let earlier as TrainingError {
      return earlier
    } catch {}
    return error
  }

  /// Whether so many steps are a multiple of those after which the run is saved.
  func isSaveDue(atStep step: Int) -> Bool { options.saveEverySteps.map { step % $0 == 0 } ?? false }

  /// Tells the hooks; the first reason that one gives to stop is kept.
  func tell(_ event: TrainingEvent) throws {
    let asked = try emit(event)
    ownReason = ownReason ?? asked
    if parts.ranks.group.size == 1 { stopReason = stopReason ?? ownReason }
  }

  /// Finds out whether the run is to end, at a place to which all ranks come.
  func lookForStop() throws {
    guard stopReason == nil else { return }
    ownReason = ownReason ?? stopRequest()
    guard try parts.ranks.group.any(ownReason != nil, "a reason to stop") else { return }
    stopReason = ownReason ?? "another rank"
  }

  /// Hands an event to every hook.
  /// - Returns: the first reason to stop.
  private func emit(_ event: TrainingEvent) throws -> String? {
    var reason: String?
    for hook in hooks {
      if case .stop(let asked) = try hook.receive(event) { reason = reason ?? asked }
    }
    return reason
  }

  func startReport() -> RunStart {
    RunStart(
      totalSteps: totalSteps, stepsPerEpoch: parts.stepsPerEpoch, numEpochs: options.numEpochs, step: state.step,
      epoch: state.epoch, numTrainSamples: parts.loader.source.count,
      numValidationSamples: parts.evaluator?.loader.source.count ?? 0, numParameters: parts.task.module.numParameters,
      model: parts.description, runtime: state.runtime, best: state.best, flopsPerImage: parts.task.flops?.forward,
      peakSpeed: options.peakSpeed)
  }

  func end(_ status: RunEnd.Status) -> RunEnd {
    RunEnd(
      status: status, earlyStop: status == .completed ? earlyStop : nil, step: state.step, epoch: state.epoch,
      best: state.best, seconds: state.seconds)
  }
}
