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
