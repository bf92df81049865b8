import Dataset
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Mixing, other losses and train accuracy inside a step.
@Suite struct TrainStepMixingTests {
  private static let mixing: BatchMixing = {
    var options = BatchMixing.Options()
    options.mixupAlpha = 0.8
    options.cutmixAlpha = 1
    options.mode = .elem
    return BatchMixing(options, seed: 5)
  }()

  /// Three batches of a step by hand, the last one short: each mixed by its own plan, the mean over all samples.
  @Test(arguments: [ClassificationLoss.Kind.crossEntropy, .binaryCrossEntropy(targetThreshold: 0.1)])
  func accumulationMixesEveryBatch(_ kind: ClassificationLoss.Kind) throws {
    let fixture = try StepFixture(numTrain: 11)
    let model = StepFixture.model()
    var options = TrainStep.Options()
    options.batchSize = 4
    options.accumulation = 3
    let task = StepFixture.task(model, loss: ClassificationLoss(kind, labelSmoothing: 0.1))
    let step = TrainStep(task, optimizer: StepFixture.sgd(model), device: .cpu, options: options)
    let batches = try fixture.loader(batchSize: 4).makeEpoch(1)
    let outcome = try #require(
      try step(0, learningRate: 0.5) { try batches.onHost(mixing: Self.mixing) }
    ).numbers

    func byHand(_ mixing: BatchMixing?) throws -> (weights: StateDict, loss: Double, numRight: Double) {
      let model = StepFixture.model()
      let optimizer = StepFixture.sgd(model)
      var (sum, numRight) = (0.0, 0.0)
      let epoch = try fixture.loader(batchSize: 4).makeEpoch(1)
      while let batch = try epoch.next() {
        let moved = try DeviceTransfer(to: .cpu, mixing: mixing)(batch)
        let (images, target) = moved.mixed()
        let logits = model(images, .training)
        let rows = target.dense(numClasses: 3, labelSmoothing: 0.1)
        let loss = ClassificationLoss(kind)(logits, probabilities: rows)
        (loss * (Double(moved.count) / 11)).backward()
        sum += loss.item() * Double(moved.count)
        let guesses = logits.argmax(1).array(Int.self)
        let unsmoothed = target.dense(numClasses: 3).doubles()
        for (sample, guess) in guesses.enumerated() { numRight += unsmoothed[3 * sample + guess] }
      }
      optimizer.step(learningRate: 0.5)
      return (model.stateDict.cloned(), sum / 11, numRight)
    }
    let expected = try byHand(Self.mixing)
    #expect(abs(outcome.loss - expected.loss) < 1e-6)
    #expect(abs(outcome.sums["right"]! - expected.numRight) < 1e-5)
    #expect(largestDifference(model.stateDict, expected.weights) < 2e-6)
    // Planted faults: no mixing, another seed's plans.
    #expect(try largestDifference(byHand(nil).weights, expected.weights) > 1e-4)
    let other = BatchMixing(Self.mixing.options, seed: 6)
    #expect(try largestDifference(byHand(other).weights, expected.weights) > 1e-4)
  }

  /// Mixing that is over is as good as none, to the last bit.
  @Test func afterItsLastEpochNothingIsMixed() throws {
    let fixture = try StepFixture(numTrain: 12)
    let plain = try fixture.weights(batchSize: 4, accumulation: 1, numSteps: 3)
    var options = Self.mixing.options
    options.offEpoch = 0
    let over = try fixture.weights(
      batchSize: 4, accumulation: 1, numSteps: 3, mixing: BatchMixing(options, seed: 5))
    #expect(plain.losses == over.losses && largestDifference(plain.weights, over.weights) == 0)
  }

  @Test func accuracyOfPlainBatches() throws {
    let fixture = try StepFixture(numTrain: 10)
    let model = StepFixture.model()
    var numRight = 0.0
    let epoch = try fixture.loader(batchSize: 10).makeEpoch(0)
    let batch = try #require(try epoch.next())
    let labels = batch.labels.map(Int.init)
    let guesses = try withoutGrad {
      model(try DeviceTransfer(to: .cpu)(batch).images, .inference).argmax(1).array(Int.self)
    }
    numRight += Double(zip(labels, guesses).filter { $0 == $1 }.count)
    var options = TrainStep.Options()
    options.batchSize = 10
    let task = StepFixture.task(model)
    let step = TrainStep(task, optimizer: StepFixture.sgd(model), device: .cpu, options: options)
    let outcome = try #require(
      try step(0, learningRate: 0.1, nextBatch: fixture.loader(batchSize: 10).makeEpoch(0).onHost))
    let numbers = outcome.numbers
    #expect(numbers.sums["right"] == numRight && numbers.lossScale == nil && numbers.isFinite)
    #expect(task.trainingMetrics(numbers.sums, numSamples: 10) == [Metric("top1", 10 * numRight)])
    #expect(numbers.gradientNorm == outcome.gradientNorm.item())
  }
}
