extension ViTConfig {
  /// The number of trained scalars, by counting rather than by building the model.
  public var numParameters: Int {
    let d = embedDim
    let patches = inChannels * patchSize * patchSize * d + d
    let prefix = numPrefixTokens * d
    let positions = numPositions * d
    let representation = representationSize > 0 ? d * representationSize + representationSize : 0
    let heads = (headDim * numClasses + numClasses) * (distilled ? 2 : 1)
    let finalNorm = 2 * d
    return patches + prefix + positions + depth * numParametersPerBlock + finalNorm + representation + heads
  }

  /// The number of trained scalars of one transformer block.
  public var numParametersPerBlock: Int {
    let d = embedDim
    let h = mlpHiddenDim
    let norms = 2 * 2 * d
    let attention = 3 * d * d + (qkvBias ? 3 * d : 0) + d * d + d
    let perceptron = d * h + h + h * d + d
    return norms + attention + perceptron + (layerScale > 0 ? 2 * d : 0)
  }
}

/// Floating-point operations of a model, from its shape. A multiplication with its addition counts as two; norms,
/// activations, softmax and biases, together below one percent, are left out.
public struct FLOPs: Sendable, Equatable {
  /// Of a forward pass over one image.
  public let forward: Double

  /// The operations of a Vision Transformer.
  public init(_ config: ViTConfig) {
    let (d, h, t) = (Double(config.embedDim), Double(config.mlpHiddenDim), Double(config.numTokens))
    let patchPixels = Double(config.inChannels * config.patchSize * config.patchSize)
    let patches = 2 * Double(config.numPatches) * patchPixels * d
    let linears = 2 * t * (4 * d * d + 2 * d * h)
    // Queries with keys, and weights with values.
    let products = 2 * (2 * t * t * d)
    let representation = 2 * d * Double(config.representationSize)
    let heads = 2 * Double(config.headDim * config.numClasses) * (config.distilled ? 2 : 1)
    forward = patches + Double(config.depth) * (linears + products) + representation + heads
  }

  /// Of forward and backward over one image: each product has two gradients, each as costly as itself.
  public var training: Double { 3 * forward }
}
