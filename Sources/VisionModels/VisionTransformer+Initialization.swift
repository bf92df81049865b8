import NN
import Torch

extension VisionTransformer {
  /// Fills every parameter but norms and layer scales, which start as their layers make them.
  func initialize(_ generator: Generator) {
    initializeTokens(generator)
    initializePatches(generator)
    for block in blocks {
      initialize(block.attention.qkv, bias: .zeros, generator)
      initialize(block.attention.projection, bias: .zeros, generator)
      let mlpBias: Initializer = initialization == .jax ? .normal(std: 1e-6) : .zeros
      initialize(block.feedForward.fc1, bias: mlpBias, generator)
      initialize(block.feedForward.fc2, bias: mlpBias, generator)
    }
    if let representation = classifier.representation {
      (initialization == .mae ? Initializer.xavierUniform : .lecunNormal).fill(representation.weight, generator)
    }
    initializeHead(generator)
  }

  /// Fills the weights of the head, and of the distillation head.
  func initializeHead(_ generator: Generator) {
    for head in [classifier.head, classifier.distillationHead].compactMap({ $0 }) {
      if initialization == .jax {
        Initializer.zeros.fill(head.weight, generator)
        head.bias.map { Initializer.zeros.fill($0, generator) }
      } else {
        initialize(head, bias: .zeros, generator)
      }
    }
  }

  private func initialize(_ layer: any LinearLayer, bias: Initializer, _ generator: Generator) {
    let weight: Initializer = initialization == .timm ? .truncatedNormal(std: 0.02) : .xavierUniform
    weight.fill(layer.weight, generator)
    layer.bias.map { bias.fill($0, generator) }
  }

  private func initializePatches(_ generator: Generator) {
    let projection = patchEmbedding.projection
    var bias = Initializer.zeros
    switch initialization {
    case .timm:
      let fanIn = config.inChannels * config.patchSize * config.patchSize
      bias = .uniformByFanIn(fanIn)
      Initializer.uniformByFanIn(fanIn).fill(projection.weight, generator)
    case .jax:
      Initializer.lecunNormal.fill(projection.weight, generator)
    case .mae:
      Initializer.xavierUniform.fill(projection.weight.detach().flatten(from: 1), generator)
    }
    projection.bias.map { bias.fill($0, generator) }
  }

  private func initializeTokens(_ generator: Generator) {
    let embedding = positionEmbedding
    let token: Initializer = .normal(std: initialization == .mae ? 0.02 : 1e-6)
    if initialization == .mae {
      let fixed = PositionEmbedding.sinCos(
        dim: config.embedDim, gridSize: config.gridSize,
        numPrefixTokens: config.noEmbedClass ? 0 : config.numPrefixTokens)
      embedding.positions.requiresGrad = false
      _ = withoutGrad { embedding.positions.copy_(fixed) }
    } else {
      Initializer.truncatedNormal(std: 0.02).fill(embedding.positions, generator)
    }
    embedding.classToken.map { token.fill($0, generator) }
    embedding.registerTokens.map { token.fill($0, generator) }
    let distillation: Initializer = initialization == .mae ? token : .truncatedNormal(std: 0.02)
    embedding.distillationToken.map { distillation.fill($0, generator) }
  }
}
