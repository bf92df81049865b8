import NN
import TestSupport
import Testing
import Torch
import VisionModels

/// Every number of a forward and a backward pass against timm's.
@Suite struct ParityTests {
  @Test(arguments: Variant.allCases, MatmulBackend.allCases)
  func float32(_ variant: Variant, _ backend: MatmulBackend) throws {
    guard backend.isAvailable else { return }
    let before = MatmulBackend.current
    MatmulBackend.current = backend
    defer { MatmulBackend.current = before }
    let fixture = try variant.fixture()
    let result = check(try variant.model(fixture), fixture, .float32, tolerance: 1e-5)
    #expect(result.faults.isEmpty, "\(result.faults)")
    #expect(result.numCompared > 50)
  }

  @Test func float64() throws {
    let fixture = try Variant.classToken.fixture()
    let model = try Variant.classToken.model(fixture, dtype: .float64)
    let result = check(model, fixture, .float64, tolerance: 1e-9)
    #expect(result.faults.isEmpty, "\(result.faults)")
    #expect(result.numCompared > 50)
  }

  @Test func distilledModelsGiveBothPredictions() throws {
    let fixture = try Variant.distilled.fixture()
    let model = try Variant.distilled.model(fixture)
    let output = model.forward(fixture["input"]!, .training)
    expectClose(output.classLogits, fixture["float32.class_logits"], tolerance: 1e-5)
    expectClose(output.distillationLogits, fixture["float32.distillation_logits"], tolerance: 1e-5)
    expectClose(output.logits, fixture["float32.logits"], tolerance: 1e-5)
    #expect(maxRelativeDifference(output.classLogits, output.distillationLogits!) > 0.1)
  }

  @Test func bf16AutocastStaysNear() throws {
    let fixture = try Variant.classToken.fixture()
    let model = try Variant.classToken.model(fixture)
    let logits = withoutGrad {
      withAutocast(to: .bfloat16, on: .cpu) { model(fixture["input"]!, .inference) }
    }
    expectClose(logits.to(.float32), fixture["float32.logits"], tolerance: 0.05)
  }

  // MARK: The checker itself

  private func expectFault(
    at names: [String], sourceLocation: SourceLocation = #_sourceLocation,
    config: ViTConfig? = nil, _ change: (VisionTransformer) -> Void = { _ in }
  ) throws {
    let fixture = try Variant.classToken.fixture()
    let model = try Variant.classToken.model(fixture, config: config)
    withoutGrad { change(model) }
    let found = Set(check(model, fixture, .float32, tolerance: 1e-5).faults.map(\.name))
    for name in names { #expect(found.contains(name), "\(name) not in \(found)", sourceLocation: sourceLocation) }
  }

  @Test func aTransposedQKVIsFound() throws {
    try expectFault(at: ["logits", "loss", "out.blocks.0.attn.qkv", "grad.blocks.0.norm1.weight"]) { model in
      let weight = model.blocks[0].attention.qkv.weight
      weight.copy_(Tensor.concatenated(weight.chunk(3).map { $0.transpose(0, 1) }))
    }
  }

  @Test func aMissingBiasIsFound() throws {
    try expectFault(at: ["logits", "out.blocks.1.mlp", "grad.head.weight"]) { model in
      model.blocks[1].feedForward.fc2.bias?.zero_()
    }
    try expectFault(at: ["logits", "loss"]) { $0.classifier.head.bias?.zero_() }
  }

  @Test func aWrongEpsilonIsFound() throws {
    var config = Variant.classToken.config
    config.layerNormEps = 1e-5
    try expectFault(at: ["logits", "loss", "out.blocks.0.norm1", "grad.pos_embed"], config: config)
  }

  @Test func swappedHeadsAreFound() throws {
    try expectFault(at: ["logits", "out.blocks.0.attn"]) { model in
      let weight = model.blocks[0].attention.projection.weight
      weight.copy_(weight.roll(8, dim: 1))
    }
  }

  @Test func aMissingGradientIsFound() throws {
    try expectFault(at: ["grad.blocks.0.mlp.fc1.weight"]) { model in
      model.blocks[0].feedForward.fc1.weight.requiresGrad = false
    }
  }
}
