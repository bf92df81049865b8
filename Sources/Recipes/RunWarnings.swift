// What is likely a mistake though nothing is wrong with the settings alone: each line says what, and what to do.
import Optim
import Preprocessing
import Settings
import VisionModels

/// Looks for settings that do not fit the images of a run.
struct RunWarnings {
  let options: RunOptions
  /// How a step is cut.
  let shape: StepShape
  /// Training images.
  let numTrain: Int
  /// Batches of an epoch.
  let numBatches: Int
  /// Optimizer steps of an epoch.
  let stepsPerEpoch: Int
  let schedule: Schedule

  /// Fewer optimizer steps than this in an epoch are worth a warning.
  static let fewSteps = 10

  /// One line for each; none for a run that makes sense.
  var lines: [String] {
    [batchLargerThanSet, accumulationLargerThanEpoch, fewStepsAnEpoch, warmupLongerThanRun, runLength].compactMap(
      \.self)
      + marksBehindTheEnd
  }

  private var training: TrainingOptions { options.training }
  private var scheduledSteps: Int { training.scheduledLength(stepsPerEpoch: stepsPerEpoch).numSteps }
  private var totalSteps: Int { min(training.maxSteps ?? .max, scheduledSteps) }

  private var batchLargerThanSet: String? {
    guard shape.batchSize > numTrain else { return nil }
    return "a batch of \(shape.batchSize) is larger than the \(numTrain) training images: "
      + "make data.batch_size \(numTrain) or less"
  }

  private var accumulationLargerThanEpoch: String? {
    guard shape.accumulation > numBatches else { return nil }
    return "training.accumulation is \(shape.accumulation), but an epoch has \(numBatches) batches, and no step "
      + "reaches into the next: make it \(numBatches) or less"
  }

  private var fewStepsAnEpoch: String? {
    guard stepsPerEpoch < Self.fewSteps else { return nil }
    let accumulation = shape.accumulation > 1 ? ", \(shape.accumulation) to a step" : ""
    return
      "an epoch has only \(stepsPerEpoch) optimizer step\(stepsPerEpoch == 1 ? "" : "s") (\(numTrain) images in batches of "
      + "\(shape.batchSize)\(accumulation)): for more make data.batch_size or training.accumulation smaller, or "
      + "train for more epochs"
  }

  private var warmupLongerThanRun: String? {
    let warmup = schedule.timeline.warmupSteps
    guard warmup > 0, warmup >= totalSteps else { return nil }
    let key = options.schedule.warmupSteps > 0 ? "schedule.warmup_steps" : "schedule.warmup_epochs"
    return
      "the warm-up takes \(warmup) steps, and the run ends after \(totalSteps): make \(key) smaller, or train longer"
  }

  private var runLength: String? {
    guard training.epochs != nil, let maxSteps = training.maxSteps else { return nil }
    if maxSteps > scheduledSteps {
      return
        "training.max_steps is \(maxSteps), but the run ends after the \(scheduledSteps) steps of training.epochs: "
        + "set training.epochs to null for a run of max_steps"
    }
    guard maxSteps < scheduledSteps else { return nil }
    return "the run ends after \(maxSteps) of the \(scheduledSteps) steps that its schedule spans: set training.epochs "
      + "to null for a schedule that ends with the run"
  }

  private var marksBehindTheEnd: [String] {
    let (curve, unit) = (options.schedule.options.curve, options.schedule.unit.rawValue)
    let total = schedule.timeline.length(warmupPrefix: curve.warmupPrefix)
    let end = total < schedule.timeline.total ? "\(total) \(unit)s behind the warm-up" : "\(total) \(unit)s"
    return curve.marks.filter { $0.value >= total }.map { key, value in
      "schedule.\(key) is \(value), but the schedule ends after \(end): the rate does not fall there"
    }
  }

  /// What the run feeds to weights that were trained otherwise, where its settings do not ask for that.
  /// - Parameter former: what the weights' checkpoint says; nil where it says nothing.
  static func differences(
    of preprocessing: ImagePreprocessing, from former: ImagePreprocessing?, options: RunOptions
  ) -> [String] {
    guard let former else { return [] }
    func line<Value: Equatable>(
      _ what: String, _ value: (ImagePreprocessing) -> Value, _ key: String, _ text: (Value) -> String, isAsked: Bool
    ) -> String? {
      let (old, new) = (value(former), value(preprocessing))
      guard old != new, !isAsked else { return nil }
      return
        "the weights were trained with \(what) \(text(old)), this run takes \(text(new)): set \(key) to \(text(old)), "
        + "or to \(text(new)) if that is meant"
    }
    let asked = options.preprocessing
    return [
      line("images of size", \.height, "model.image_size", { "\($0)" }, isAsked: options.model.imageSize != nil),
      line(
        "interpolation", \.interpolation.rawValue, "preprocessing.interpolation", \.self,
        isAsked: asked.interpolation != nil),
      line("mean", \.mean, "preprocessing.mean", { "\($0)" }, isAsked: asked.mean != nil),
      line("std", \.std, "preprocessing.std", { "\($0)" }, isAsked: asked.std != nil),
    ].compactMap(\.self)
  }
}
