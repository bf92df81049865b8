import Augment
import Dataset
import NN
import Optim
import Preprocessing
import TestSupport
import Torch
import VisionModels

@testable import Training

/// A small model and loaders over a small set, without augmentation.
struct StepFixture {
  let set: SmallImageSet

  init(numTrain: Int = 24, numValidation: Int = 10) throws {
    set = try SmallImageSet(numTrain: numTrain, numValidation: numValidation)
  }

  static let config = ViTConfig(imageSize: 16, patchSize: 8, embedDim: 24, depth: 2, numHeads: 2, numClasses: 3)

  /// The same weights each time; the head is not zero.
  static func model() -> VisionTransformer { VisionTransformer(config, initialization: .timm, seed: 4) }

  func loader(
    _ part: String = "train", batchSize: Int, workers: Int = 0, maximumBad: Double = 1
  ) throws -> DataLoader {
    var options = DataLoader.Options()
    options.batchSize = batchSize
    options.numWorkers = workers
    options.maxBadFraction = maximumBad
    return try DataLoader(
      source: set.folder(part), pipeline: EvalTransform(ImagePreprocessing(size: 16)), sampler: SequentialSampler(),
      options: options)
  }

  static func task(
    _ model: any ImageClassifier, loss: ClassificationLoss = ClassificationLoss()
  ) -> ClassificationTask {
    ClassificationTask(model, classes: ["class0", "class1", "class2"], loss: loss)
  }

  /// Plain gradient descent, so that a difference of gradients shows as one of weights.
  static func sgd(_ model: any Module, weightDecay: Double = 0) -> SGD {
    var options = SGD.Options()
    options.momentum = 0
    options.weightDecay = weightDecay
    return SGD(ParameterGroups.of(model), options: options)
  }

  /// The weights after the steps of one epoch.
  func weights(
    batchSize: Int, accumulation: Int, numSteps: Int, loss: ClassificationLoss = ClassificationLoss(),
    mixing: BatchMixing? = nil, _ change: (inout TrainStep.Options) -> Void = { _ in }
  ) throws -> (weights: StateDict, numSamples: [Int], losses: [Double]) {
    let model = Self.model()
    var options = TrainStep.Options()
    options.batchSize = batchSize
    options.accumulation = accumulation
    change(&options)
    let step = TrainStep(
      Self.task(model, loss: loss), optimizer: Self.sgd(model), device: .cpu, options: options)
    let epoch = try loader(batchSize: batchSize).makeEpoch(0)
    var outcomes: [TrainStep.Outcome] = []
    for _ in 0..<numSteps {
      let outcome = try step(0, learningRate: 0.5) { try epoch.onHost(mixing: mixing) }
      if let outcome { outcomes.append(outcome) }
    }
    return (model.stateDict.cloned(), outcomes.map(\.numbers.numSamples), outcomes.map(\.numbers.loss))
  }
}

extension EpochIterator {
  /// The next batch, ready for a step on the CPU.
  func onHost() throws -> DeviceBatch? { try onHost(mixing: nil) }

  /// The same, with its plan.
  func onHost(mixing: BatchMixing?) throws -> DeviceBatch? {
    try next().map { try DeviceTransfer(to: .cpu, mixing: mixing)($0) }
  }
}

/// The largest `maxRelativeDifference` of any tensor.
func largestDifference(_ a: StateDict, _ b: StateDict) -> Double {
  a.entries.map { maxRelativeDifference($0.tensor, b[$0.name]!) }.max()!
}
