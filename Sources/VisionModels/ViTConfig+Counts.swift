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
