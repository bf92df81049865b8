import KeyedRandom
import NN
import Settings
import TestSupport
import Testing
import Torch
import VisionModels

@Suite struct VisionTransformerTests {
  @Test(arguments: Variant.allCases) func noMemberIsForgotten(_ variant: Variant) {
    #expect(forgottenMembers(of: VisionTransformer(variant.config)) == [])
  }

  @Test func sameSeedSameWeights() {
    let config = Variant.classToken.config
    let (a, b) = (VisionTransformer(config, seed: 3), VisionTransformer(config, seed: 3))
    for (x, y) in zip(a.parameters, b.parameters) { #expect(x.isEqual(to: y)) }
    #expect(!VisionTransformer(config, seed: 4).classifier.head.weight.isEqual(to: a.classifier.head.weight))
  }

  @Test func trainingDrawsFromTheDefaultGenerator() throws {
    var config = Variant.classToken.config
    config.positionDropout = 0.1
    config.attentionDropout = 0.2
    config.projectionDropout = 0.1
    config.headDropout = 0.3
    config.stochasticDepth = 0.5
    let model = VisionTransformer(config)
    let x = Tensor.randn([4, 3, 12, 12], generator: Generator(seed: 1))
    func context(_ step: Int) -> ForwardContext { .training(KeyedRandom(seed: 1, step)) }
    let state = Generator.default(on: .cpu).state
    let first = model(x, context(0))
    #expect(model(x, context(0)).isEqual(to: first))
    #expect(!model(x, context(1)).isEqual(to: first))
    #expect(model(x, .inference).isEqual(to: model(x, .inference)))
    #expect(Generator.default(on: .cpu).state.isEqual(to: state))
  }

  @Test func stochasticDepthRisesLinearly() {
    var config = ViTConfig()
    config.depth = 5
    config.stochasticDepth = 0.4
    for (found, expected) in zip(config.stochasticDepths, [0, 0.1, 0.2, 0.3, 0.4]) {
      #expect(abs(found - expected) < 1e-12)
    }
    config.depth = 1
    #expect(config.stochasticDepths == [0])
  }

  @Test func aNewHeadFitsAndTheRestStays() {
    let model = VisionTransformer(Variant.distilled.config)
    let before = model.blocks[1].norm2.weight
    model.convert(to: .float64)
    let converted = model.blocks[1].norm2.weight
    #expect(converted !== before && converted.dtype == .float64)
    model.replaceHead(numClasses: 9, seed: 1)
    #expect(model.numClasses == 9 && model.config.numClasses == 9)
    #expect(model.blocks[1].norm2.weight === converted)
    let output = model(Tensor.zeros([2, 3, 12, 12], dtype: .float64), .inference)
    #expect(output.shape == [2, 9] && output.dtype == .float64)
    #expect(model.parameters.allSatisfy { $0.requiresGrad })
    #expect(model.classifier.head.weight.abs().max().item() > 0)
  }

  @Test func pretrainedWeightsAreFitted() throws {
    let source = VisionTransformer(Variant.distilled.config, seed: 1)
    var config = Variant.distilled.config
    config.imageSize = 20
    config.numClasses = 7
    let model = VisionTransformer(config, seed: 2)
    let ownHead = model.classifier.head.weight.detach().clone()
    let changes = try model.loadPretrained(source.stateDict)
    #expect(
      changes == [.positionsResized(from: 3, to: 5), .headReplaced(weightsClasses: 5, modelClasses: 7)])
    #expect(changes.allSatisfy { !$0.description.contains("\n") })
    #expect(model.classifier.head.weight.isEqual(to: ownHead))
    #expect(model.blocks[1].attention.qkv.weight.isEqual(to: source.blocks[1].attention.qkv.weight))
    expectClose(
      model.positionEmbedding.positions.narrow(1, start: 0, length: 2),
      source.positionEmbedding.positions.narrow(1, start: 0, length: 2), tolerance: 0)

    let same = VisionTransformer(Variant.distilled.config, seed: 5)
    #expect(try same.loadPretrained(source.stateDict) == [])
    #expect(same.classifier.head.weight.isEqual(to: source.classifier.head.weight))
  }

  @Test func weightsWithoutAHeadAreLoaded() throws {
    let source = VisionTransformer(Variant.classToken.config, seed: 1)
    var weights = source.stateDict
    weights["head.weight"] = nil
    weights["head.bias"] = nil
    let model = VisionTransformer(Variant.classToken.config, seed: 2)
    #expect(try model.loadPretrained(weights) == [.headMissing(modelClasses: 5)])
    weights["norm.bias"] = nil
    weights["mask_token"] = Tensor.zeros([1])
    var expected = StateDictMismatch()
    expected.missing = ["norm.bias"]
    expected.unexpected = ["mask_token"]
    #expect(throws: expected) { try model.loadPretrained(weights) }
  }

  @Test func hostileWeightsAreRefused() {
    let model = VisionTransformer(Variant.classToken.config)
    for (name, tensor) in [
      ("pos_embed", Tensor.zeros([1, 11, 24])), ("pos_embed", Tensor.zeros([])), ("head.weight", Tensor.zeros([5])),
      ("pos_embed", Tensor.zeros([1, 17, 23])), ("pos_embed", Tensor.zeros([1, 0, 24])),
      ("head.bias", Tensor.zeros([6])),
    ] {
      var weights = model.stateDict
      weights[name] = tensor
      #expect(throws: StateDictMismatch.self) { try model.loadPretrained(weights) }
    }
  }

  @Test func modelsAreMadeOfWeightsFromOutside() throws {
    let fixture = try Variant.distilled.fixture()
    let weights = fixture.dropping(prefix: "weights.")
    let model = try VisionTransformer(Variant.distilled.config, weights: weights)
    expectClose(model(fixture["input"]!, .inference).detach(), fixture["float32.logits"], tolerance: 1e-5)
    var larger = Variant.distilled.config
    larger.imageSize = 20
    #expect(try VisionTransformer(larger, weights: weights).positionEmbedding.positions.shape == [1, 27, 24])

    for (expected, change): (any Error.Type, (inout ViTConfig) -> Void) in [
      (OptionsError.self, { $0.numHeads = 0 }), (StateDictMismatch.self, { $0.numClasses = 6 }),
      (StateDictMismatch.self, { $0.depth = 3 }), (StateDictMismatch.self, { $0.distilled = false }),
      (
        WeightsSizeMismatch.self,
        {
          $0.embedDim = 65535; $0.depth = 1024
        }
      ),
      (WeightsSizeMismatch.self, { $0.imageSize = 16384 }),
    ] {
      var config = Variant.distilled.config
      change(&config)
      do {
        _ = try VisionTransformer(config, weights: weights)
        Issue.record("\(expected) was expected")
      } catch {
        #expect(type(of: error) == expected, "\(error)")
      }
    }
  }

  @Test func impossibleConfigsAreRefused() {
    for change: (inout ViTConfig) -> Void in [
      { $0.imageSize = 225 }, { $0.patchSize = 0 }, { $0.numHeads = 5 }, { $0.numHeads = 0 }, { $0.depth = 0 },
      { $0.classToken = false }, { $0.headDropout = 1 }, { $0.stochasticDepth = .nan }, { $0.numClasses = -1 },
      {
        $0.distilled = true; $0.pooling = .mean
      }, { $0.embedDim = .max },
      {
        $0.embedDim = 1; $0.numHeads = 1; $0.mlpRatio = 0.1
      },
      { $0.mlpRatio = .infinity },
    ] {
      var config = ViTConfig()
      change(&config)
      #expect(throws: OptionsError.self) { try config.validated() }
    }
  }
}
