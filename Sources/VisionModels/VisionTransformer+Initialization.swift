import KeyedRandom
import NN
import Torch

extension VisionTransformer {
  /// Fills the parameters that `isMeant` by their names; norms and layer scales start as their layers make them.
  func initialize(_ random: KeyedRandom, where isMeant: (String) -> Bool) {
    let weights = random.child("weights")
    for parameter in namedParameters where isMeant(parameter.name) {
      initialization.initializer(of: parameter.name, config)?.fill(parameter.tensor, weights.child(parameter.name))
    }
    if initialization == .mae, isMeant("pos_embed") {
      let fixed = PositionEmbedding.sinCos(
        dim: config.embedDim, gridSize: config.gridSize,
        numPrefixTokens: config.noEmbedClass ? 0 : config.numPrefixTokens)
      positionEmbedding.positions.requiresGrad = false
      _ = withoutGrad { positionEmbedding.positions.copy_(fixed) }
    }
  }
}

extension ViTInitialization {
  /// How the parameter of a name gets its first values; nil where its layer, or the caller, has made them.
  func initializer(of name: String, _ config: ViTConfig) -> Initializer? {
    let patchFan = config.inChannels * config.patchSize * config.patchSize
    let parts = name.split(separator: ".")
    let (layer, kind) = (parts.dropLast().last.map(String.init) ?? "", parts.last.map(String.init) ?? "")
    switch (layer, kind) {
    case ("", "pos_embed"): return self == .mae ? nil : .truncatedNormal(std: 0.02)
    case ("", "dist_token"): return self == .mae ? .normal(std: 0.02) : .truncatedNormal(std: 0.02)
    case ("", _): return .normal(std: self == .mae ? 0.02 : 1e-6)
    case ("qkv", "weight"), ("fc1", "weight"), ("fc2", "weight"): return linear
    case ("fc1", "bias"), ("fc2", "bias"): return self == .jax ? .normal(std: 1e-6) : .zeros
    case ("qkv", "bias"): return .zeros
    case ("proj", "weight") where name.hasPrefix("patch_embed."):
      switch self {
      case .timm: return .uniformByFanIn(patchFan)
      case .jax: return .lecunNormal
      case .mae: return .xavierUniformOfRows
      }
    case ("proj", "bias") where name.hasPrefix("patch_embed.") && self == .timm: return .uniformByFanIn(patchFan)
    case ("proj", "weight"): return linear
    case ("proj", "bias"): return .zeros
    case ("fc", "weight"): return self == .mae ? .xavierUniform : .lecunNormal
    case ("head", "weight"), ("head_dist", "weight"): return self == .jax ? .zeros : linear
    case ("head", "bias"), ("head_dist", "bias"): return .zeros
    default: return nil
    }
  }

  private var linear: Initializer { self == .timm ? .truncatedNormal(std: 0.02) : .xavierUniform }
}
