import NN
import TestSupport
import Torch
import VisionModels

/// The small models that `make_model_fixtures.py` builds with timm.
enum Variant: String, CaseIterable {
  case classToken = "class_token"
  case meanPooling = "mean_pooling"
  case distilled
  case layerScale = "layer_scale"
  case representation

  var config: ViTConfig {
    var config = ViTConfig(
      imageSize: 12, patchSize: 4, embedDim: 24, depth: 2, numHeads: 3, mlpRatio: 2, numClasses: 5)
    switch self {
    case .classToken: break
    case .meanPooling:
      config.pooling = .mean
      config.qkvBias = false
    case .distilled: config.distilled = true
    case .layerScale:
      config.layerScale = 0.1
      config.numRegisterTokens = 2
      config.noEmbedClass = true
    case .representation: config.representationSize = 10
    }
    return config
  }

  func fixture() throws -> StateDict { try Fixture.load("vit_\(rawValue)") }

  /// The model with the fixture's weights.
  func model(_ fixture: StateDict, config: ViTConfig? = nil, dtype: DType = .float32) throws -> VisionTransformer {
    let model = VisionTransformer(config ?? self.config)
    model.convert(to: dtype)
    try model.load(fixture.dropping(prefix: "weights."))
    return model
  }
}

/// Compares a model with the fixture in one precision.
func check(_ model: VisionTransformer, _ fixture: StateDict, _ dtype: DType, tolerance: Double) -> ModuleCheck {
  let reference = fixture.dropping(prefix: "\(dtype).")
  return checkModule(model, reference: reference, tolerance: tolerance) { context in
    let logits = model(fixture["input"]!.to(dtype), context)
    return (logits, logits.crossEntropy(fixture["target"]!))
  }
}
