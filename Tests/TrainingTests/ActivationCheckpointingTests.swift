import Dataset
import KeyedRandom
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Blocks that are computed again in the backward pass: less memory, the same bits.
@Suite struct ActivationCheckpointingTests {
  /// Everything that drops is on.
  private static func model(depth: Int = 3) -> VisionTransformer {
    var config = StepFixture.config
    config.depth = depth
    config.positionDropout = 0.1
    config.attentionDropout = 0.1
    config.projectionDropout = 0.1
    config.headDropout = 0.1
    config.stochasticDepth = 0.3
    config.layerScale = 0.1
    return VisionTransformer(config, seed: 4)
  }

  /// Weights and losses of the steps of an epoch, two batches each.
  private static func train(
    _ fixture: StepFixture, _ dtype: DType?, again: Bool, seed: UInt64 = 5
  ) throws -> [[Double]] {
    let model = model()
    var options = TrainStep.Options()
    options.batchSize = 4
    options.accumulation = 2
    options.clipNorm = 1
    options.seed = seed
    options.autocast = dtype
    options.checkpointsActivations = again
    var scaling = LossScaler.Options()
    scaling.initial = 64
    let step = TrainStep(
      StepFixture.task(model), optimizer: AdamW(ParameterGroups.of(model)),
      scaler: dtype == .float16 ? LossScaler(scaling) : nil, device: .cpu, options: options)
    let batches = try fixture.loader(batchSize: 4).makeEpoch(0)
    var numbers: [Double] = []
    var number = 0
    while let outcome = try step(number, learningRate: 1e-2, nextBatch: batches.onHost) {
      numbers += [outcome.numbers.loss, outcome.numbers.gradientNorm]
      number += 1
    }
    return model.stateDict.entries.map { $0.tensor.doubles() } + [numbers]
  }

  private static let dtypes: [DType?] =
    [nil, .bfloat16] + (supportsAutocast(to: .float16, on: .cpu) ? [.float16] : [])

  @Test(arguments: dtypes) func weightsAreTheSameBits(_ dtype: DType?) throws {
    let fixture = try StepFixture(numTrain: 22)
    let whole = try Self.train(fixture, dtype, again: false)
    #expect(try Self.train(fixture, dtype, again: true) == whole)
    #expect(whole.last?.count == 6 && whole.joined().allSatisfy(\.isFinite))
    // What is dropped reaches the weights: another key would show.
    #expect(try Self.train(fixture, dtype, again: true, seed: 6) != whole)
  }

  /// Gradients of a block whose second computation drops by another key are other gradients: the comparison shows it.
  @Test func anotherKeyWouldShow() {
    func gradients(_ key: @escaping (Int) -> UInt64) -> (calls: Int, values: [[Float]]) {
      let block = Self.model().blocks[1]
      var numCalls = 0
      let x = Tensor.randn([4, 5, 24], generator: Generator(seed: 3))
      let output = recomputed(x) {
        numCalls += 1
        return block($0, ForwardContext.training(KeyedRandom(seed: key(numCalls))))
      }
      (output * output).sum().backward()
      return (numCalls, block.stateDict.entries.map { $0.tensor.grad!.array() })
    }
    let same = gradients { _ in 1 }
    #expect(same.calls == 2)
    #expect(gradients { _ in 1 }.values == same.values)
    #expect(gradients { UInt64($0) }.values != same.values)
  }

  /// Where a recorder listens, what it keeps is in the graph.
  @Test func aRecorderKeepsWhatItHears() throws {
    let model = Self.model()
    let recorder = IntermediateRecorder()
    var context = ForwardContext(isTraining: true, random: KeyedRandom(seed: 1), recorder: recorder)
    context.checkpointsActivations = true
    _ = model(Tensor.randn([2, 3, 16, 16], generator: Generator(seed: 0)), context)
    let norm = try #require(recorder.outputs["blocks.0.norm1"])
    #expect(norm.requiresGrad)
  }

  @Test func memoryIsThatOfOneBlock() async {
    await #expect(processExitsWith: .success) {
      func peak(depth: Int, again: Bool) throws -> Int {
        let model = Self.model(depth: depth)
        var options = TrainStep.Options()
        options.batchSize = 64
        options.checkpointsActivations = again
        let step = TrainStep(
          StepFixture.task(model), optimizer: SGD(ParameterGroups.of(model)), device: .cpu, options: options)
        let batch = DeviceBatch(
          images: Tensor.randn([64, 3, 16, 16], generator: Generator(seed: 0)),
          labels: Tensor((0..<64).map { Int64($0 % 3) }), epoch: 0, index: 0,
          paths: Array(repeating: "noise", count: 64))
        // Of the second step on, so that what is made once is there.
        _ = try step(0, learningRate: 0.01) { batch }
        let before = Device.cpu.memory.current
        Device.cpu.resetPeakMemory()
        _ = try step(1, learningRate: 0.01) { batch }
        return Device.cpu.memory.peak - before
      }
      let (kept, again) = (try peak(depth: 12, again: false), try peak(depth: 12, again: true))
      #expect(again * 3 < kept, "\(again) of \(kept) bytes")
      // Another block adds its input, and no more than that: 64 x 5 x 24 float32 numbers.
      let perBlock = (again - (try peak(depth: 6, again: true))) / 6
      #expect(perBlock < 2 * 64 * 5 * 24 * 4, "\(perBlock) bytes a block")
    }
  }

  @Test func stepsLeaveNoTensorBehind() async {
    await #expect(processExitsWith: .success) {
      let fixture = try StepFixture(numTrain: 8)
      let model = Self.model()
      var options = TrainStep.Options()
      options.batchSize = 4
      options.autocast = .bfloat16
      options.checkpointsActivations = true
      let step = TrainStep(
        StepFixture.task(model), optimizer: AdamW(ParameterGroups.of(model)), device: .cpu, options: options)
      let loader = try fixture.loader(batchSize: 4)
      var counts: Set<[Int]> = []
      for epoch in 0..<30 {
        let batches = try loader.makeEpoch(epoch)
        while try step(epoch, learningRate: 1e-3, nextBatch: batches.onHost) != nil {}
        if epoch > 1 { counts.insert([LiveTensors.count, Device.cpu.memory.current]) }
      }
      #expect(counts.count == 1)
    }
  }
}
