// What one forward and backward pass keeps, from the shapes alone. The letters: T tokens, d features of a token, h hidden
// features of the perceptron, H heads, s bytes of the type that products compute in.
//
// The residual stream, and what norms read, stays in float32 in every precision; what a linear layer or attention reads
// is of the type that products compute in. docs/planning.md has the table, and what was measured against it.

public import VisionModels

/// Bytes that one image's activations take.
public struct ActivationMemory: Sendable, Equatable {
  /// What is kept for the backward pass, by what keeps it.
  public enum Kind: String, Sendable, CaseIterable {
    /// Patches, and the mask of the dropout behind the positions.
    case embedding
    /// Inputs and statistics of layer norms: the residual stream.
    case norms
    /// Inputs of qkv and of the projection; queries, keys, values; attention weights or their sums.
    case attention
    /// Input, hidden features before and after GELU.
    case feedForward = "feed_forward"
    /// One byte an element.
    case dropoutMasks = "dropout_masks"
    /// Inputs of layer scales.
    case layerScales = "layer_scales"
    /// The final norm and the logits.
    case head
    /// What is there for a moment at the worst place of the backward pass, beyond what is kept by then.
    case transient
  }

  /// Bytes of one image by kind; those of `transient` may be negative where the last layers are freed by then.
  public let bytes: [Kind: Double]

  /// Bytes of one image at the worst moment.
  public var total: Double { bytes.values.reduce(0, +) }

  /// The activations of a model in training.
  ///
  /// - Parameters:
  ///   - config: the shape.
  ///   - precision: what products compute in.
  ///   - kernels: the operators.
  ///   - checkpointed: whether blocks keep only their input and are computed again.
  public init(
    _ config: ViTConfig, precision: RunOptions.Precision, kernels: PlanSetup.Kernels, checkpointed: Bool = false
  ) {
    let block = Block(config, precision: precision, kernels: kernels)
    let (depth, e, s) = (Double(config.depth), block.e, block.s)
    let patches = Double(config.numPatches) * Double(config.inChannels * config.patchSize * config.patchSize)
    let logits = 4 * Double(config.numClasses) * 4 * (config.distilled ? 2 : 1)
    let positionMask = config.positionDropout > 0 ? e : 0
    // The norm's input; and, in float32, its output, whose class token the head reads in place.
    let readsInPlace = s == 4 && config.headDropout == 0
    let final = config.pooling == .token ? 4 * e + (readsInPlace ? 4 * e : 0) : 0
    var bytes: [Kind: Double] = [
      .embedding: patches * s + positionMask, .head: final + logits, .transient: block.worst - final,
    ]
    if checkpointed {
      // The inputs of all blocks, and everything of the one that is computed again, whose input is there already.
      for (kind, value) in block.kept { bytes[kind] = value }
      bytes[.norms, default: 0] += (depth - 1) * 4 * e
    } else {
      for (kind, value) in block.kept { bytes[kind] = depth * value }
    }
    self.bytes = bytes
  }

  /// What one block keeps, and the worst moment of its backward pass.
  private struct Block {
    let kept: [Kind: Double]
    /// Beyond what all blocks keep.
    let worst: Double
    /// Elements of a token matrix, T d.
    let e: Double
    let s: Double

    init(_ config: ViTConfig, precision: RunOptions.Precision, kernels: PlanSetup.Kernels) {
      let tokens = Double(config.numTokens)
      let e = tokens * Double(config.embedDim)
      let hidden = tokens * Double(config.mlpHiddenDim)
      let s: Double = precision == .float32 ? 4 : 2
      let scores = Double(config.numHeads) * tokens * tokens
      let isExplicit = kernels == .cpu || config.attentionDropout > 0
      let projectionMask = config.projectionDropout > 0 ? 1.0 : 0
      let scale = config.layerScale > 0 ? e * s : 0

      // Queries, keys and values; the output, which the projection reads; the weights, with dropout before and after it.
      var attention = e * s + 3 * e * s + e * s
      attention += isExplicit ? scores * s : 4 * Double(config.numHeads) * tokens
      var masks = projectionMask * (2 * e + hidden)
      if config.attentionDropout > 0 {
        attention += scores * s
        masks += scores
      }
      let feedForward = e * s + 2 * hidden * s
      kept = [
        .norms: 2 * 4 * e + 2 * 2 * 4 * tokens, .attention: attention, .feedForward: feedForward,
        .dropoutMasks: masks, .layerScales: 2 * scale,
      ]
      // The gradient of the stream, that of the branch where it is another tensor, and that of the hidden features.
      let changesBranch = config.projectionDropout > 0 || config.layerScale > 0 || config.stochasticDepth > 0
      let branch = s == 2 || changesBranch ? e * s : 0
      let perceptron = 4 * e + branch + hidden * s
      // The perceptron's part is gone; attention's gradients come in both layouts, beside those of the scores.
      let freed = feedForward + 4 * e + projectionMask * (e + hidden) + scale + e * s
      let rows = isExplicit ? scores * s * (config.attentionDropout > 0 ? 2 : 1) : 0
      let attending = 4 * e + 8 * e * s + rows - freed
      // Where dropout has no kernel, the words of the mask are integers of 64 bits: 16 bytes an element at the worst.
      let drawing = kernels == .gpu && projectionMask > 0 ? 16 * hidden - hidden : 0
      worst = max(perceptron, attending, drawing)
      self.e = e
      self.s = s
    }
  }
}
