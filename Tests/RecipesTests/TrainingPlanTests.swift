import Dataset
import Foundation
import NN
import Optim
import Settings
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// A plan's numbers against counts that are known, cases computed by hand, and models and optimizers that are built.
@Suite struct TrainingPlanTests {
  /// A plan of a preset with AdamW, for ImageNet's 1,281,167 images unless said otherwise.
  static func setup(
    _ model: String = "vit_base_patch16_224", _ overrides: [String] = [], numClasses: Int = 1000,
    numImages: Int = 1_281_167, worldSize: Int = 1, zero: ZeROStage = .none
  ) throws -> PlanSetup {
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: "", overrides: ["data.path=x", "model.name=\(model)"] + overrides)
    return try PlanSetup(options, numClasses: numClasses, numImages: numImages, worldSize: worldSize, zero: zero)
  }

  /// timm's counts for 1000 classes.
  @Test(arguments: [
    ("vit_tiny_patch16_224", 5_717_416), ("vit_small_patch16_224", 22_050_664), ("vit_base_patch16_224", 86_567_656),
    ("vit_base_patch32_224", 88_224_232), ("vit_large_patch16_224", 304_326_632),
    ("vit_large_patch32_224", 306_535_400), ("deit_base_distilled_patch16_224", 87_338_192),
  ]) func parametersAreTheKnownOnes(model: String, count: Int) throws {
    let plan = try TrainingPlan(Self.setup(model))
    #expect(plan.numParameters == count)
    #expect(plan.memory[.weights] == 4 * Double(count))
    #expect(plan.memory[.optimizerState] == 8 * Double(count))
    #expect(plan.setup.config.parameterShapes.reduce(0) { $0 + $1.count } == count)
  }

  /// Names, order and shapes are those of a model that is built.
  @Test(arguments: 0..<4) func shapesAreThoseOfTheModel(variant: Int) {
    var config = ViTConfig(
      imageSize: 16, patchSize: 4, embedDim: 24, depth: 2, numHeads: 2, mlpRatio: 2.5, numClasses: 7)
    switch variant {
    case 0: break
    case 1: config.distilled = true
    case 2: (config.pooling, config.layerScale, config.numRegisterTokens) = (.mean, 0.1, 3)
    default: (config.representationSize, config.qkvBias, config.noEmbedClass) = (5, false, true)
    }
    let real = VisionTransformer(config).namedParameters
    let listed = config.parameterShapes
    #expect(listed.map(\.name) == real.map(\.name))
    #expect(listed.map(\.shape) == real.map(\.tensor.shape))
    #expect(real.count > 20)
  }

  /// Every optimizer that a recipe can name keeps what the table says.
  @Test(arguments: OptimizerRegistry.table.map(\.key)) func stateIsThatOfTheOptimizer(name: String) throws {
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: "", overrides: ["data.path=x", "optimizer=\(name)"])
    let config = ViTConfig(imageSize: 16, patchSize: 8, embedDim: 24, depth: 2, numHeads: 2, numClasses: 7)
    let model = VisionTransformer(config)
    let optimizer = options.optimizer.options.makeOptimizer(ParameterGroups.of(model))
    let names = model.namedParameters.map(\.name)
    let kept = optimizer.state.tensors.entries.filter { entry in names.contains { entry.name.hasSuffix(".\($0)") } }
    let size = try #require(OptimizerStateSize(options.optimizer), "the plan does not know \(name)")
    let planned = config.parameterShapes.reduce(0) { $0 + size.count(of: $1) }
    #expect(planned == Double(kept.reduce(0) { $0 + $1.tensor.count }))
  }

  @Test func momentumIsAllThatSGDKeeps() throws {
    let with = try TrainingPlan(Self.setup("vit_tiny_patch16_224", ["optimizer=sgd"]))
    let without = try TrainingPlan(Self.setup("vit_tiny_patch16_224", ["optimizer={type: sgd, momentum: 0}"]))
    #expect(with.memory[.optimizerState] == 4 * 5_717_416)
    #expect(without.memory[.optimizerState] == 0)
    #expect(OptimizerStateSize(name: "sophia") == nil)
  }

  @Test func factoredStateIsRowsAndColumns() throws {
    let options = try OptionsLoader.load(
      RunOptions.self, yaml: "", overrides: ["data.path=x", "optimizer={type: adafactor, momentum: 0}"])
    let size = try #require(OptimizerStateSize(options.optimizer))
    let shapes = ViTConfig(imageSize: 16, patchSize: 8, embedDim: 24, depth: 1, numHeads: 2, numClasses: 7)
      .parameterShapes
    let qkv = try #require(shapes.first { $0.name == "blocks.0.attn.qkv.weight" })
    let bias = try #require(shapes.first { $0.name == "blocks.0.attn.qkv.bias" })
    #expect(size.count(of: qkv) == 72 + 24)
    #expect(size.count(of: bias) == 72)
  }

  /// 256 images on each of 32 ranks, four times: 156.4 batches of all ranks in an epoch.
  @Test func stepsOfTheLargeBatch() throws {
    var setup = try Self.setup(
      "vit_base_patch16_224", ["data.batch_size=256", "training.accumulation=4", "training.epochs=300"], worldSize: 32)
    let plan = try TrainingPlan(setup)
    #expect(plan.globalBatch == 32_768)
    #expect(plan.batchesPerEpoch == 157)
    #expect(plan.length.stepsPerEpoch == 40)
    #expect(plan.length.numSteps == 12_000)
    // 35.15 GFLOP forward, three times that with the backward pass.
    #expect(abs(plan.flopsPerStep / (32_768 * 3 * 35.15e9) - 1) < 1e-3)
    setup.dropLast = true
    setup.accumulationTail = .drop
    #expect(try TrainingPlan(setup).length.stepsPerEpoch == 39)
    setup.maxSteps = 100
    #expect(try TrainingPlan(setup).length.numSteps == 100)
    setup.numEpochs = nil
    #expect(try TrainingPlan(setup).length.numEpochs == 3)
    setup.accumulation = 1000
    #expect(throws: PlanError.self) { try TrainingPlan(setup) }
  }

  /// The steps are those of a run, over real files.
  @Test func stepsAreThoseOfARun() throws {
    let fixture = try RunFixture(numTrain: 45)
    let options = fixture.options("plan") {
      $0.data.batchSize = 4
      $0.training.accumulation = 3
      $0.training.epochs = 5
    }
    let run = try RunBuilder(options).plan()
    let plan = try TrainingPlan(
      PlanSetup(options, numClasses: run.data.train.classes.count, numImages: run.data.train.count))
    #expect(plan.length.stepsPerEpoch == run.stepsPerEpoch)
    #expect(plan.length.numSteps == run.totalSteps)
    #expect(plan.numParameters == run.parts.task.module.numParameters)
  }

  /// What is shared out adds up to the whole over all ranks; what is not is the same on each.
  @Test func sharesAddUp() throws {
    let setup = try Self.setup("vit_base_patch16_224", ["training.ema={}"], worldSize: 7)
    let plan = try TrainingPlan(setup)
    let whole = plan.memory(under: .none)
    let numbers = PlanNumbers(setup)
    func expectShared(_ component: RankMemory.Component, from first: ZeROStage, kept: Double = 0, extra: Double = 0) {
      for stage in ZeROStage.allCases {
        let bytes = plan.memory(under: stage)[component]
        let expected = stage >= first ? (whole[component] - kept) / 7 + kept + extra : whole[component]
        #expect(abs(bytes - expected) < 1, "\(component) under \(stage)")
      }
    }
    // Embeddings, the last norm and the head: 768 x 769 + 198 x 768 + 2 x 768, and 769 for each of 1000 classes.
    expectShared(.weights, from: .weights, kept: 4 * (590_592 + 152_064 + 1536 + 769_000))
    expectShared(.gradients, from: .gradients, extra: 4 * (numbers.outside + 2 * 7_087_872))
    expectShared(.optimizerState, from: .optimizer)
    expectShared(.average, from: .optimizer)
    #expect(whole[.average] == whole[.weights])
    let totals = ZeROStage.allCases.map { plan.memory(under: $0).total }
    #expect(totals == totals.sorted(by: >))
    // Alone there is nobody to share with.
    let alone = try TrainingPlan(Self.setup())
    #expect(Set(ZeROStage.allCases.map { alone.memory(under: $0).total }).count == 1)
    #expect(alone.collectives(under: .weights).isEmpty)
  }

  /// Four bytes of each of 86,567,656 numbers over four ranks.
  @Test func bytesOfAStep() throws {
    var setup = try Self.setup("vit_base_patch16_224", ["training.accumulation=3"], worldSize: 4)
    let n = 4.0 * 86_567_656
    let decision = 2 * 0.75 * 40.0
    func sent(_ stage: ZeROStage) throws -> Double { try TrainingPlan(setup).bytesSent(under: stage) - decision }
    #expect(try sent(.none) == 1.5 * n)
    #expect(try sent(.optimizer) == 1.5 * n)
    #expect(try sent(.gradients) == (3 + 1) * 0.75 * n)
    #expect(try sent(.weights) == (3 + 6) * 0.75 * n)
    setup.accumulation = 1
    // The known factor of one and a half of stage 3 (Rajbhandari et al. 2020, section 7.2).
    #expect(try sent(.weights) == 1.5 * sent(.none))
    // Gloo sums everything on every rank.
    setup.kernels = .cpu
    #expect(try sent(.none) == 1.5 * n && sent(.optimizer) == (1.5 + 0.75) * n)
  }

  /// 4 MB over four ranks at 1 GB/s with 1 ms: six messages of 1 MB, or four of 4 MB.
  @Test func exchangesByHand() {
    func make(_ kind: Collective.Kind, pieces: Int = 1) -> Collective {
      Collective(kind: kind, what: "gradients", bytes: 4e6, callsPerStep: 1, pieces: pieces)
    }
    func seconds(_ collective: Collective, _ algorithm: Collective.Algorithm, ranks: Int = 4) -> Double {
      collective.seconds(algorithm, ranks: ranks, bandwidth: 1e9, latency: 1e-3)
    }
    #expect(abs(seconds(make(.allReduce), .ring) - 12e-3) < 1e-12)
    #expect(abs(seconds(make(.allReduce), .tree) - 20e-3) < 1e-12)
    #expect(abs(seconds(make(.reduceScatter), .ring) - 6e-3) < 1e-12)
    #expect(abs(seconds(make(.allGather), .ring) - 6e-3) < 1e-12)
    // Five ranks need three levels; two pieces twice the messages.
    #expect(make(.allReduce).numMessages(.tree, ranks: 5) == 6)
    #expect(make(.allReduce, pieces: 2).numMessages(.ring, ranks: 4) == 12)
    #expect(abs(seconds(make(.allReduce, pieces: 2), .ring) - 18e-3) < 1e-12)
    #expect(make(.allReduce).bytesSent(.ring, ranks: 1) == 0)
    #expect(make(.allReduce).bytesSent(.ring, ranks: 4) == 6e6)
    // Many ranks and few bytes: the tree is the quicker one.
    let small = Collective(kind: .allReduce, what: "decision", bytes: 16, callsPerStep: 1, pieces: 1)
    let quickest = small.seconds(ranks: 64, bandwidth: 1e9, latency: 1e-3)
    #expect(quickest == seconds(small, .tree, ranks: 64))
    #expect(quickest < seconds(small, .ring, ranks: 64))
  }

  /// A pass of 1 s, of which 2/3 are backward, and exchanges of 2 s in two pieces.
  @Test func timeByHand() throws {
    var setup = try Self.setup(
      "vit_base_patch16_224", ["data.batch_size=100", "training.accumulation=3"], worldSize: 2)
    let plan = try TrainingPlan(setup)
    let n = 4.0 * 86_567_656
    setup.peakFlops = 100 * plan.flopsPerImage / 0.5
    setup.utilization = 0.5
    setup.bandwidth = n / 2
    setup.bucketBytes = n / 2
    let time = try #require(try TrainingPlan(setup).time(under: .none))
    #expect(abs(time.compute - 3) < 1e-9)
    // The ring moves n bytes in 2 s; of the decision's 40 bytes nothing is to be seen.
    #expect(abs(time.withoutOverlap - 5) < 1e-6)
    #expect(abs(time.withOverlap - (3 + 2 - 2.0 / 3)) < 1e-6)
    // With half of it shared out: 1 s for gradients, 1 s for weights, which nothing runs beside.
    let sharded = try #require(try TrainingPlan(setup).time(under: .optimizer))
    #expect(abs(sharded.withOverlap - (3 + 0.5 + 1)) < 1e-6)
    let weights = try #require(try TrainingPlan(setup).time(under: .weights))
    #expect(abs(weights.withoutOverlap - (3 + 9)) < 1e-6)
    #expect(abs(weights.withOverlap - (3 + 3 * 2)) < 1e-6)
    // 1,281,167 images are 2,135.3 steps of 600: the last is a third full.
    let whole = try TrainingPlan(setup)
    #expect(whole.length.stepsPerEpoch == 2136)
    let seconds = whole.runSeconds(time, step: time.withoutOverlap)
    #expect(abs(seconds / (100 * (1_281_167.0 / 600 * 3 + 2136 * 2)) - 1) < 1e-6)
    setup.peakFlops = nil
    #expect(try TrainingPlan(setup).time(under: .none) == nil)
  }
}
