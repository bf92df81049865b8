import Dataset
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// One step: accumulation, clipping, averaging, decay, and what is no number.
@Suite struct TrainStepTests {
  /// Three batches of 4 are one of 12; of 22 samples, a tail of 4, 4 and 2 is one of 10; smoothing and clipping included.
  @Test(arguments: [nil, 0.05]) func threeBatchesAreOneOfThreeTimesTheSize(_ clipNorm: Double?) throws {
    let fixture = try StepFixture(numTrain: 22)
    let loss = ClassificationLoss(labelSmoothing: 0.1)
    let options: (inout TrainStep.Options) -> Void = { $0.clipNorm = clipNorm }
    let whole = try fixture.weights(batchSize: 12, accumulation: 1, numSteps: 3, loss: loss, options)
    let parts = try fixture.weights(batchSize: 4, accumulation: 3, numSteps: 3, loss: loss, options)
    #expect(whole.numSamples == [12, 10] && parts.numSamples == [12, 10])
    #expect(largestDifference(parts.weights, whole.weights) < 2e-6)
    #expect(zip(parts.losses, whole.losses).allSatisfy { abs($0 - $1) < 1e-6 })
    // The steps did something, and would differ if the tail were scaled as a whole step.
    #expect(largestDifference(whole.weights, StepFixture.model().stateDict) > 1e-3)
    let unscaled = try fixture.weights(batchSize: 4, accumulation: 3, numSteps: 1, loss: loss, options)
    #expect(largestDifference(unscaled.weights, whole.weights) > 1e-5)
  }

  @Test func aBatchThatABadSampleMadeShort() throws {
    let fixture = try StepFixture(numTrain: 12)
    try fixture.set.breakPixels("train", at: 5)
    let whole = try fixture.weights(batchSize: 12, accumulation: 1, numSteps: 1)
    let parts = try fixture.weights(batchSize: 4, accumulation: 3, numSteps: 1)
    #expect(whole.numSamples == [11] && parts.numSamples == [11])
    #expect(largestDifference(parts.weights, whole.weights) < 2e-6)
    // The checker: with the mean of the batches' means, in place of that of the samples, the short batch counts more.
    let mean = try fixture.weights(batchSize: 4, accumulation: 1, numSteps: 3).losses.reduce(0, +) / 3
    #expect(abs(mean - whole.losses[0]) > 1e-4)
  }

  @Test func clippingLimitsTheStep() throws {
    let fixture = try StepFixture(numTrain: 8)
    let before = StepFixture.model().stateDict
    func length(_ clipNorm: Double?) throws -> Double {
      let after = try fixture.weights(batchSize: 8, accumulation: 1, numSteps: 1) { $0.clipNorm = clipNorm }.weights
      return after.entries.reduce(0) { sum, entry in
        sum
          + zip(entry.tensor.doubles(), before[entry.name]!.doubles()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }.squareRoot()
    }
    let free = try length(nil)
    #expect(free > 0.2)
    // The rate is 0.5, and weights are stored in float32.
    #expect(abs(try length(0.1) - 0.05) < 1e-5)
    #expect(abs(try length(1e6) - free) < 1e-6)
  }

  @Test func theAverageFollowsEveryStep() throws {
    let fixture = try StepFixture(numTrain: 12)
    let model = StepFixture.model()
    var ema = WeightAverage.Options()
    ema.decay = 0.75
    let optimizer = StepFixture.sgd(model)
    let average = WeightAverage(model, groups: optimizer.groups, options: ema)
    var options = TrainStep.Options()
    options.batchSize = 4
    let step = TrainStep(
      StepFixture.task(model), optimizer: optimizer, average: average, device: .cpu, options: options)
    let epoch = try fixture.loader(batchSize: 4).makeEpoch(0)
    let name = "blocks.0.mlp.fc1.weight"
    var expected = model.stateDict[name]!.doubles()
    for number in 0..<3 {
      _ = try step(0, learningRate: 0.5, nextBatch: epoch.onHost)
      // The first update takes the weights over.
      let decay = number == 0 ? 0 : 0.75
      expected = zip(expected, model.stateDict[name]!.doubles()).map { decay * $0 + (1 - decay) * $1 }
    }
    let found = try average.whole()[name]!.doubles()
    #expect(average.numUpdates == 3)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 })
    #expect(zip(found, model.stateDict[name]!.doubles()).contains { abs($0 - $1) > 1e-4 })
  }

  /// Weights whose gradient is zero shrink, where they decay at all.
  @Test func onlyMatricesDecay() throws {
    let model = StepFixture.model()
    let before = model.stateDict.cloned()
    StepFixture.sgd(model, weightDecay: 0.5).step(learningRate: 0.1)
    for entry in model.stateDict.entries {
      let decays = entry.name.hasSuffix(".weight") && entry.tensor.ndim > 1
      let (found, old) = (entry.tensor.doubles(), before[entry.name]!.doubles())
      #expect(zip(found, old).allSatisfy { abs($0 - $1 * (decays ? 0.95 : 1)) < 1e-7 }, "\(entry.name)")
    }
  }

  /// The loss is a number, and its gradient is none.
  @Test(arguments: [nil, 1.0]) func aGradientThatIsNoNumber(_ clipNorm: Double?) throws {
    let fixture = try StepFixture(numTrain: 4)
    let model = RootModel()
    let before = model.weight.doubles()
    var options = TrainStep.Options()
    options.batchSize = 4
    options.clipNorm = clipNorm
    let step = TrainStep(
      StepFixture.task(model), optimizer: AdamW(ParameterGroups.of(model)), device: .cpu, options: options)
    let epoch = try fixture.loader(batchSize: 4).makeEpoch(0)
    let outcome = try #require(try step(0, learningRate: 0.5, nextBatch: epoch.onHost))
    #expect(outcome.numbers.loss.isFinite && !outcome.numbers.gradientNorm.isFinite)
    #expect(model.weight.doubles() == before)
    #expect(outcome.files.count == 4 && outcome.files[0].hasPrefix("class0/"))
  }

  @Test func hundredStepsLeaveNoTensorBehind() async {
    await #expect(processExitsWith: .success) {
      let fixture = try StepFixture(numTrain: 12, numValidation: 6)
      let model = StepFixture.model()
      let optimizer = AdamW(ParameterGroups.of(model))
      let average = WeightAverage(model, groups: optimizer.groups)
      let task = StepFixture.task(model)
      var options = TrainStep.Options()
      options.batchSize = 4
      options.accumulation = 2
      options.clipNorm = 1
      options.autocast = .bfloat16
      let step = TrainStep(task, optimizer: optimizer, average: average, device: .cpu, options: options)
      let evaluator = Evaluator(loader: try fixture.loader("validation", batchSize: 4), device: .cpu)
      let loader = try fixture.loader(batchSize: 4, workers: 2)
      var counts: Set<Int> = []
      for epoch in 0..<50 {
        let batches = try loader.makeEpoch(epoch)
        while try step(0, learningRate: 1e-3, nextBatch: batches.onHost) != nil {}
        _ = try average.whileApplied { try evaluator(task) }
        if epoch > 0 { counts.insert(LiveTensors.count) }
      }
      #expect(counts.count == 1)
    }
  }
}

/// Logits that are roots of a weight of zero: finite, with an infinite slope.
private final class RootModel: ImageClassifier {
  var weight = Tensor.zeros([3])
  let numClasses = 3

  init() { weight.requiresGrad = true }

  func visit(_ visitor: inout ParameterVisitor) { visitor.parameter("weight", &weight) }

  func callAsFunction(_ images: Tensor, _ context: ForwardContext) -> Tensor {
    images.mean([1, 2, 3]).reshape([images.size(0), 1]) * weight.sqrt()
  }
}
