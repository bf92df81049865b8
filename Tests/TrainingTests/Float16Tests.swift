import Dataset
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Training in float16 with a scaled loss, on a CPU whose libtorch can.
@Suite(.enabled(if: supportsAutocast(to: .float16, on: .cpu)))
struct Float16Tests {
  private func train(
    _ fixture: StepFixture, _ dtype: DType?, numEpochs: Int, initial: Double = 65536
  ) throws -> (losses: [Double], scales: [Double?], weights: StateDict) {
    let model = StepFixture.model()
    var options = TrainStep.Options()
    options.batchSize = 12
    options.clipNorm = 1
    options.autocast = dtype
    var scaling = LossScaler.Options()
    scaling.initial = initial
    let step = TrainStep(
      StepFixture.task(model), optimizer: StepFixture.sgd(model), scaler: dtype == .float16 ? LossScaler(scaling) : nil,
      device: .cpu, options: options)
    var (losses, scales): ([Double], [Double?]) = ([], [])
    for _ in 0..<numEpochs {
      let batches = try fixture.loader(batchSize: 12).makeEpoch(0)
      while let outcome = try step(0, learningRate: 0.05, nextBatch: batches.onHost) {
        let numbers = outcome.numbers
        losses.append(numbers.loss)
        scales.append(numbers.lossScale)
      }
    }
    return (losses, scales, model.stateDict.cloned())
  }

  @Test func theLossFollowsThatOfFloat32() throws {
    let fixture = try StepFixture(numTrain: 24)
    let exact = try train(fixture, nil, numEpochs: 12)
    let half = try train(fixture, .float16, numEpochs: 12, initial: 64)
    #expect(exact.losses.last! < 0.8 * exact.losses[0], "\(exact.losses[0]) to \(exact.losses.last!)")
    #expect(half.losses != exact.losses && half.scales.allSatisfy { $0 == 64 })
    for (a, b) in zip(half.losses, exact.losses) { #expect(abs(a - b) < 0.01 * b, "\(a) \(b)") }
    #expect(largestDifference(half.weights, exact.weights) < 0.05)
    // The factor that a run starts with by default is too large for some steps of this model; it gets there all the same.
    let usual = try train(fixture, .float16, numEpochs: 24)
    #expect(usual.losses.last! < 0.8 * exact.losses[0] && usual.scales.last!! < 65536)
  }

  /// A factor that is too large overflows: nothing changes, the factor halves, until it fits.
  @Test func overflowsAreSkipped() throws {
    let fixture = try StepFixture(numTrain: 24)
    let before = StepFixture.model().stateDict
    let scaled = try train(fixture, .float16, numEpochs: 1, initial: 0x1p100)
    #expect(scaled.scales == [0x1p100, 0x1p99])
    #expect(largestDifference(scaled.weights, before) == 0)
    let long = try train(fixture, .float16, numEpochs: 60, initial: 0x1p100)
    let firstGood = long.losses.firstIndex { $0 != long.losses[0] && $0 != long.losses[1] }
    let settled = try #require(firstGood)
    #expect(settled > 20 && settled < 110)
    #expect(long.losses.last! < long.losses[0])
    #expect(long.scales[settled]! < 0x1p80)
  }
}
