import Dataset
import Foundation
import NN
import Optim
import TestSupport
import Testing
import Torch
import VisionModels

@testable import Training

/// Memory that runs out at any place of a step or of an evaluation is an error that changes nothing.
@Suite struct MemoryFailureTests {
  /// A step of a small model and all that it changes.
  private final class Rig {
    let model: VisionTransformer
    let optimizer: any Optimizer
    let average: WeightAverage
    let scaler: LossScaler?
    let task: ClassificationTask
    private let step: TrainStep
    private let transfer: DeviceTransfer
    private let loader: DataLoader
    private let start: (weights: StateDict, average: StateDict, optimizer: OptimizerState, scaler: StateDict?)

    init(
      _ set: StepFixture, autocast: DType? = nil, accumulation: Int = 1, checkpointsActivations: Bool = false,
      loss: ClassificationLoss = ClassificationLoss(),
      _ change: (inout ViTConfig) -> Void = { _ in },
      optimizer make: ([ParameterGroup]) -> any Optimizer = { AdamW($0) }
    ) throws {
      var config = ViTConfig(imageSize: 16, patchSize: 8, embedDim: 8, depth: 2, numHeads: 2, numClasses: 3)
      config.positionDropout = 0.1
      config.attentionDropout = 0.1
      config.projectionDropout = 0.1
      config.headDropout = 0.1
      config.stochasticDepth = 0.3
      change(&config)
      model = VisionTransformer(config, seed: 4)
      let groups = ParameterGroups.of(model)
      optimizer = make(groups)
      average = WeightAverage(model, groups: groups)
      var scaling = LossScaler.Options()
      scaling.initial = 64
      scaling.interval = 1
      scaler = autocast == .float16 ? LossScaler(scaling) : nil
      var mixing = BatchMixing.Options()
      mixing.mixupAlpha = 1
      mixing.cutmixAlpha = 1
      mixing.mode = .elem
      task = StepFixture.task(model, loss: loss)
      transfer = DeviceTransfer(to: .cpu, mixing: BatchMixing(mixing, seed: 2))
      var options = TrainStep.Options()
      // Three samples are no whole step: the gradients are divided by more than the clipping.
      options.batchSize = 4 / accumulation
      options.accumulation = accumulation
      options.clipNorm = 0.5
      options.autocast = autocast
      options.checkpointsActivations = checkpointsActivations
      step = TrainStep(
        task, optimizer: optimizer, average: average, scaler: scaler, device: .cpu, options: options)
      loader = try set.loader(batchSize: options.batchSize)
      start = (
        model.stateDict.cloned(), try average.whole().cloned(),
        OptimizerState(scalars: optimizer.state.scalars, tensors: optimizer.state.tensors.cloned()),
        scaler?.state.cloned()
      )
    }

    func restore() throws {
      try model.load(start.weights)
      try average.load(start.average, numUpdates: 1)
      _ = try optimizer.load(start.optimizer)
      if let scaler, let saved = start.scaler { try scaler.load(saved) }
      optimizer.zeroGrad()
    }

    func state() -> [[Float]] {
      let all = [model.stateDict, try! average.whole(), optimizer.state.tensors, scaler?.state ?? StateDict()]
      return all.flatMap { $0.entries.map { $0.tensor.array() } } + optimizer.groups.map { $0.gradients.array() }
        + [[Float(optimizer.state.scalars.numSteps), Float(average.numUpdates)]]
    }

    func makeStep() throws -> TrainStep.Outcome {
      let epoch = try loader.makeEpoch(0)
      let outcome = try step(3, learningRate: 0.01) {
        try epoch.next().map { batch in try recovering { try transfer(batch) } }
      }
      return try #require(outcome)
    }

    /// Read one by one, for which no memory is asked.
    private func scalars(_ outcome: TrainStep.Outcome) -> [Double] {
      let all = outcome.sums.entries.map(\.tensor) + [outcome.gradientNorm] + [outcome.lossScale].compactMap(\.self)
      return all.map { $0.item() }
    }

    /// The faults of a step, and of reading its numbers.
    func faults() throws -> [String] {
      let (numRequests, faults) = try checkMemoryFailures(state: state, restore: restore) { scalars(try makeStep()) }
      let outcome = try makeStep()
      #expect(numRequests > 200 && scalars(outcome).count >= 3 && scalars(outcome).allSatisfy(\.isFinite))
      let reading = try checkMemoryFailures(state: { 0 }, restore: {}) {
        try recovering { TrainStep.Outcome.numbers(of: [outcome]) }.map { [$0.loss, $0.gradientNorm] }
      }
      #expect(reading.numRequests > 0)
      return faults + reading.faults
    }
  }

  /// A small set, and one thread: the tensors are too small for more.
  private static func setUp() throws -> StepFixture {
    Runtime.numThreads = 1
    return try StepFixture(numTrain: 3, numValidation: 3)
  }

  @Test func aStepInFloat32() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      for backend in MatmulBackend.allCases where backend.isAvailable {
        MatmulBackend.current = backend
        #expect(try Rig(set, accumulation: 2).faults() == [])
      }
      let binary = ClassificationLoss(.binaryCrossEntropy(targetThreshold: 0.2), labelSmoothing: 0.1)
      #expect(
        try Rig(
          set, loss: binary,
          {
            $0.distilled = true
            $0.attentionDropout = 0
          }, optimizer: { SGD($0) }
        ).faults() == [])
    }
  }

  @Test func aStepOfEveryOptimizer() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      let options: [any OptimizerOptions] = [
        SGD.Options(), Adam.Options(), AdamW.Options(), Lamb.Options(), Lamb.Options(.timm), Lars.Options(),
        Lion.Options(), NAdamW.Options(), Adan.Options(), Adafactor.Options(), Muon.Options(),
      ]
      #expect(options.count == OptimizerRegistry.table.count + 1)
      for each in options {
        let rig = try Rig(set, optimizer: each.makeOptimizer)
        #expect(try rig.faults() == [], "\(rig.optimizer.state.scalars.type)")
      }
    }
  }

  @Test func aStepInBFloat16() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      #expect(
        try Rig(set, autocast: .bfloat16) {
          $0.pooling = .mean
          $0.layerScale = 1e-3
        }.faults() == [])
      #expect(
        try Rig(set, autocast: .bfloat16) {
          $0.attentionDropout = 0
          $0.numRegisterTokens = 2
          $0.representationSize = 8
        }.faults() == [])
    }
  }

  @Test func aStepThatComputesBlocksAgain() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      #expect(try Rig(set, accumulation: 2, checkpointsActivations: true).faults() == [])
      #expect(try Rig(set, autocast: .bfloat16, checkpointsActivations: true).faults() == [])
    }
  }

  @Test(.enabled(if: supportsAutocast(to: .float16, on: .cpu))) func aStepInFloat16() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      #expect(try Rig(set, autocast: .float16) { $0.distilled = true }.faults() == [])
    }
  }

  /// Of the weights and of their average, whose place the module's own weights give up and take again.
  @Test func anEvaluation() async {
    await #expect(processExitsWith: .success) {
      let set = try Self.setUp()
      for autocast in [nil, DType.bfloat16] {
        let rig = try Rig(set)
        _ = try rig.makeStep()
        let evaluator = Evaluator(loader: try set.loader("validation", batchSize: 2), device: .cpu, autocast: autocast)
        let (numRequests, faults) = try checkMemoryFailures(state: rig.state, restore: {}) {
          let own = try evaluator(rig.task)
          let averaged = try rig.average.whileApplied { try evaluator(rig.task) }
          return [own, averaged].map { [$0?.loss, $0?["top1"], $0?["top5"]] }
        }
        #expect(numRequests > 100 && faults == [])
      }
    }
  }

  /// The check finds what it is for.
  @Test func holesAreFound() async {
    await #expect(processExitsWith: .success) {
      func faults(_ action: () throws -> [Double]) throws -> String {
        try checkMemoryFailures(state: { 0 }, restore: {}, action).faults.joined(separator: "\n")
      }
      let x = Tensor.ones([4])
      #expect(try faults { try recovering { (x + x).exp().doubles() } } == "")
      #expect(try faults { (try? recovering { (x + x).exp().doubles() }) ?? [] }.contains("1 of 3: no error"))
      var kept: [Tensor] = []
      let leak = try faults {
        let sum = try recovering { x + x }
        do {
          return try recovering { sum.exp().doubles() }
        } catch {
          kept.append(sum)
          throw error
        }
      }
      #expect(leak.contains("2 of 3: 1 more tensors alive") && leak.contains("2 of 3: 128 more bytes"))
      let (weights, bias) = (Tensor.zeros([4]), Tensor.zeros([4]))
      let halfway = try checkMemoryFailures(
        state: { [weights.doubles(), bias.doubles()] },
        restore: {
          weights.zero_()
          bias.zero_()
        }
      ) {
        try recovering {
          weights.copy_(x + 1)
          bias.copy_(x + 2)
        }
        return 0
      }
      let text = halfway.faults.joined(separator: "\n")
      #expect(text.contains("the state has changed") && !text.contains("the next"))
      var numCalls = 0.0
      #expect(
        try faults {
          numCalls += 1
          return try recovering { (x * numCalls).doubles() }
        }.contains("the next outcome is another one"))
    }
    await #expect(processExitsWith: .failure) {
      let x = Tensor.ones([2, 3])
      _ = try checkMemoryFailures(state: { 0 }, restore: {}) {
        try recovering {
          let y = x + x
          precondition(y.ndim == 2)
          return y.doubles()
        }
      }
    }
  }
}
