public import Checkpoint
public import Telemetry
import Torch

/// What happens in a run, for hooks to see.
public enum TrainingEvent {
  /// A run begins, or goes on.
  case start(RunStart)
  /// An epoch begins, or goes on after a resumption.
  case epochStart(EpochStart)
  /// The step of that number, counted from 1, is made next, if there is a batch for it.
  case stepStart(Int)
  /// The weights were changed once. Comes when the numbers of the step are read: behind the start of a later one.
  case step(StepReport)
  /// An evaluation begins.
  case evaluationStart(EvaluationStart)
  /// An evaluation is over, after `step` optimizer steps, at the end of `epoch`, counted from 1; one that is broken off
  /// has no such event.
  case evaluation(EvaluationReport, step: Int, epoch: Int)
  /// An epoch is over.
  case epoch(EpochReport)
  /// A checkpoint was saved.
  case saved(SavedCheckpoint, isBest: Bool)
  /// Something the user should know.
  case warning(String)
  /// The run ends. Comes once, after everything else.
  case end(RunEnd)
}

/// The plan of a run.
public struct RunStart: Sendable {
  /// All optimizer steps, over all starts.
  public var totalSteps: Int
  /// Optimizer steps of an epoch.
  public var stepsPerEpoch: Int
  /// Epochs.
  public var numEpochs: Int
  /// Steps already made.
  public var step: Int
  /// Epochs already finished.
  public var epoch: Int
  /// Training images.
  public var numTrainSamples: Int
  /// Validation images.
  public var numValidationSamples: Int
  /// Parameters of the model.
  public var numParameters: Int
  /// The model.
  public var model: ModelDescription
  /// What the bits depend on.
  public var runtime: TrainState.Runtime
  /// The best evaluation so far, of a run that goes on.
  public var best: TrainState.Best?
  /// Floating-point operations of a forward pass over one image; training takes three times as many. nil where they are
  /// not known.
  public var flopsPerImage: Double?
  /// What the device can do at best, in FLOP/s; nil where that is not known.
  public var peakSpeed: Double?
}

/// The beginning of an epoch.
public struct EpochStart: Sendable {
  /// Optimizer steps made.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
}

/// The beginning of an evaluation.
public struct EvaluationStart: Sendable {
  /// Optimizer steps made.
  public var step: Int
  /// The epoch at whose end it is, counted from 1.
  public var epoch: Int
  /// Validation images.
  public var numSamples: Int
}

/// One optimizer step.
public struct StepReport: Sendable {
  /// The number of the step, counted from 1.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The mean loss of the step's samples, before the step.
  public var loss: Double
  /// The learning rate.
  public var learningRate: Double
  /// The norm of all gradients, before clipping.
  public var gradientNorm: Double
  /// The factor of the loss in the backward pass, in float16.
  public var lossScale: Double?
  /// Whether it changed nothing, because float16 overflowed.
  public var isSkipped = false
  /// Samples of the step.
  public var numSamples: Int
  /// Seconds from asking for the step's batches to reading its loss.
  public var seconds: Double
  /// The seconds of these in which it waited for the loader.
  public var waitingSeconds: Double
  /// Samples in a second of the step.
  public var imagesPerSecond: Double { Double(numSamples) / max(seconds, 1e-9) }
}

/// One epoch.
public struct EpochReport: Sendable {
  /// Optimizer steps made.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The mean loss of the epoch's samples, each before the step it was part of.
  public var trainLoss: Double
  /// What the task measures of the epoch's samples as they were trained on: augmented, with dropout, and mixed ones by
  /// their weights.
  public var trainMetrics: [Metric] = []
  /// The steps that changed nothing because float16 overflowed; nil in other precisions.
  public var numSkippedSteps: Int?
  /// The evaluation at the end of the epoch, where one was due.
  public var evaluation: EvaluationReport?
  /// Seconds of the epoch, evaluation included; of a resumed epoch, since its resumption.
  public var seconds: Double
  /// The learning rate of its last step.
  public var learningRate: Double
  /// How long its steps took; of a resumed epoch, those since its resumption.
  public var steps: StepTimes
  /// How fast it trained, by `steps`; nil without steps.
  public var trainRate: ComputeRate?
  /// How fast the evaluation was.
  public var evaluationRate: ComputeRate?
  /// What the run holds of memory.
  public var memory: MemoryReport
}

/// The end of a run.
public struct RunEnd: Sendable, Equatable {
  /// How a run can end.
  public enum Status: Sendable, Equatable {
    /// All steps were made, or early stopping found that no more are needed.
    case completed
    /// A signal, or a hook, asked it to stop; the state is saved.
    case interrupted(String)
    /// It cannot go on.
    case failed(String)
  }

  /// How it ended.
  public var status: Status
  /// Why a run that is completed made fewer steps than planned.
  public var earlyStop: String?
  /// Optimizer steps made.
  public var step: Int
  /// Epochs finished.
  public var epoch: Int
  /// The best evaluation.
  public var best: TrainState.Best?
  /// Seconds trained, over all starts of the run.
  public var seconds: Double
  /// The files of the step that gave a number that is not finite, where that ended the run.
  public var files: [String] = []
}

/// Whether the loop goes on after an event.
public enum LoopDecision: Sendable, Equatable {
  /// It goes on.
  case goOn
  /// It saves and ends; the reason is said to the user.
  case stop(reason: String)
}

/// Watches a run. Hooks only observe: what changes weights stands in `TrainStep`.
public protocol Hook: AnyObject {
  /// Takes an event. Called on the loop's own thread.
  func receive(_ event: TrainingEvent) throws -> LoopDecision
}

/// Why a run ended.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The loss, or the gradients' norm, was no number any more. The weights are those before the step.
  case notFinite(step: Int, loss: Double, gradientNorm: Double, files: [String])
  /// The run directory is in use, or holds another run.
  case runDirectory(path: String, reason: String)
  /// A checkpoint belongs to something else.
  case mismatch(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notFinite(let step, let loss, let norm, let files):
      let shown = files.prefix(8).joined(separator: ", ")
      let more = files.count > 8 ? " and \(files.count - 8) more (metrics.jsonl lists all)" : ""
      return "step \(step) gave a loss of \(loss) with gradients of norm \(norm); the weights were not changed; "
        + "try a lower learning rate, clip_norm, or look at its files: \(shown)\(more)"
    case .runDirectory(let path, let reason): return "run directory \(path): \(reason)"
    case .mismatch(let message): return message
    }
  }
}
