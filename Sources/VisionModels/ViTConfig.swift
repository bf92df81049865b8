public import Settings

/// The shape of a Vision Transformer (Dosovitskiy et al. 2020, arXiv:2010.11929) and of its descendants DeiT and
/// DeiT III. The defaults are those of ViT-Base with patches of 16 pixels at 224.
public struct ViTConfig: Validatable, Overlayable {
  /// Height and width of the images, in pixels; a multiple of the patch size.
  public var imageSize = 224
  /// Height and width of a patch, in pixels.
  public var patchSize = 16
  /// Channels of the images.
  public var inChannels = 3
  /// Classes of the head.
  public var numClasses = 1000
  /// Features of a token; a multiple of the number of heads.
  public var embedDim = 768
  /// Transformer blocks.
  public var depth = 12
  /// Attention heads of a block.
  public var numHeads = 12
  /// Hidden features of a block's perceptron, as a multiple of `embedDim`.
  public var mlpRatio = 4.0
  /// Whether queries, keys and values have a bias.
  public var qkvBias = true
  /// Whether there is a class token.
  public var classToken = true
  /// Whether there is a distillation token with a head of its own (DeiT, arXiv:2012.12877).
  public var distilled = false
  /// Tokens without a meaning of their own, after the class token.
  public var numRegisterTokens = 0
  /// What the head reads.
  public var pooling = Pooling.token
  /// Features of a linear layer and tanh between the pooled features and the head; 0 for none.
  public var representationSize = 0
  /// Starting value of the learned factors on each residual branch; 0 for none (DeiT III, arXiv:2204.07118).
  public var layerScale = 0.0
  /// Whether only patches have a position embedding, and the class token has none.
  public var noEmbedClass = false
  /// Added to the variance in every layer norm.
  public var layerNormEps = 1e-6
  /// Dropout after the position embedding is added.
  public var positionDropout = 0.0
  /// Dropout of attention weights.
  public var attentionDropout = 0.0
  /// Dropout after the attention's projection and in the perceptron.
  public var projectionDropout = 0.0
  /// Dropout before the head.
  public var headDropout = 0.0
  /// Probability that the last block's branches are dropped for a sample; earlier blocks rise to it linearly from 0.
  public var stochasticDepth = 0.0

  /// What the head reads.
  public enum Pooling: String, Codable, Sendable, CaseIterable {
    /// The class token after the final norm.
    case token
    /// The mean over patches, normalized after pooling (timm's `avg` with `fc_norm`).
    case mean
  }

  /// ViT-Base with patches of 16 pixels at 224.
  public init() {}

  /// A shape of these sizes, with images and patches in pixels; all else as in ViT-Base.
  public init(
    imageSize: Int, patchSize: Int, embedDim: Int, depth: Int, numHeads: Int, mlpRatio: Double = 4,
    numClasses: Int = 1000
  ) {
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.embedDim = embedDim
    self.depth = depth
    self.numHeads = numHeads
    self.mlpRatio = mlpRatio
    self.numClasses = numClasses
  }

  /// All of the above; a recipe may change those that are not fixed by its data or by what the model is.
  public static let fields: [OverlayField<ViTConfig>] = [
    .init("imageSize", \.imageSize), .init("patchSize", \.patchSize),
    .init("inChannels", \.inChannels, isChangeable: false), .init("numClasses", \.numClasses, isChangeable: false),
    .init("embedDim", \.embedDim), .init("depth", \.depth), .init("numHeads", \.numHeads),
    .init("mlpRatio", \.mlpRatio), .init("qkvBias", \.qkvBias),
    .init("classToken", \.classToken, isChangeable: false), .init("distilled", \.distilled, isChangeable: false),
    .init("numRegisterTokens", \.numRegisterTokens, isChangeable: false), .init("pooling", \.pooling),
    .init("representationSize", \.representationSize), .init("layerScale", \.layerScale),
    .init("noEmbedClass", \.noEmbedClass, isChangeable: false),
    .init("layerNormEps", \.layerNormEps, isChangeable: false), .init("positionDropout", \.positionDropout),
    .init("attentionDropout", \.attentionDropout), .init("projectionDropout", \.projectionDropout),
    .init("headDropout", \.headDropout), .init("stochasticDepth", \.stochasticDepth),
  ]

  /// Patches along one side.
  public var gridSize: Int { imageSize / patchSize }
  /// Patches of an image.
  public var numPatches: Int { gridSize * gridSize }
  /// Tokens before the patches: class, distillation, registers.
  public var numPrefixTokens: Int { (classToken ? 1 : 0) + (distilled ? 1 : 0) + numRegisterTokens }
  /// Tokens of an image in a block.
  public var numTokens: Int { numPrefixTokens + numPatches }
  /// Rows of the position embedding.
  public var numPositions: Int { numPatches + (noEmbedClass ? 0 : numPrefixTokens) }
  /// Hidden features of a block's perceptron.
  public var mlpHiddenDim: Int { Int((Double(embedDim) * mlpRatio).rounded()) }
  /// Features that the head reads.
  public var headDim: Int { representationSize > 0 ? representationSize : embedDim }

  /// The stochastic depth of each block: 0 for the first, rising linearly to `stochasticDepth` for the last.
  public var stochasticDepths: [Double] {
    (0..<depth).map { depth > 1 ? stochasticDepth * Double($0) / Double(depth - 1) : 0 }
  }

  /// Reports sizes that do not fit together and probabilities outside 0..<1.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("image_size", imageSize, in: 1...16384)
    issues.check("patch_size", patchSize, in: 1...1024)
    issues.check(
      patchSize > 0 && imageSize % max(patchSize, 1) == 0, "image_size", found: imageSize,
      "a multiple of patch_size (\(patchSize))", related: ["patch_size"])
    issues.check("in_channels", inChannels, in: 1...64)
    issues.check("num_classes", numClasses, in: 1...1_000_000)
    issues.check("embed_dim", embedDim, in: 1...65536)
    issues.check("depth", depth, in: 1...1024)
    issues.check("num_heads", numHeads, in: 1...1024)
    issues.check(
      numHeads > 0 && embedDim % max(numHeads, 1) == 0, "embed_dim", found: embedDim,
      "a multiple of num_heads (\(numHeads))", related: ["num_heads"])
    issues.check("mlp_ratio", mlpRatio, in: 0.01...64)
    if (0.01...64).contains(mlpRatio) && (1...65536).contains(embedDim) {
      issues.check(mlpHiddenDim >= 1, "mlp_ratio", found: mlpRatio, "at least one hidden feature")
    }
    issues.check("num_register_tokens", numRegisterTokens, in: 0...1024)
    issues.check("representation_size", representationSize, in: 0...65536)
    issues.check("layer_scale", layerScale, in: 0...100)
    issues.check("layer_norm_eps", layerNormEps, in: 1e-12...0.1)
    issues.check(
      classToken || pooling != .token, "class_token", found: classToken, "true, since pooling is token",
      related: ["pooling"])
    issues.check(
      !distilled || (classToken && pooling == .token && representationSize == 0 && numRegisterTokens == 0),
      "distilled", found: distilled,
      "false with mean pooling, a representation layer or register tokens, or without a class token",
      related: ["class_token", "pooling", "representation_size", "num_register_tokens"])
    for (key, value) in [
      ("position_dropout", positionDropout), ("attention_dropout", attentionDropout),
      ("projection_dropout", projectionDropout), ("head_dropout", headDropout), ("stochastic_depth", stochasticDepth),
    ] {
      issues.check((0..<1).contains(value), key, found: value, "at least 0 and less than 1")
    }
  }
}

/// How the parameters of a Vision Transformer get their first values.
public enum ViTInitialization: String, Codable, Sendable, CaseIterable {
  /// timm's: linear layers and positions truncated normal of deviation 0.02, class token normal of 1e-6, distillation
  /// token truncated normal of 0.02, the patch convolution uniform by its fan, a representation layer LeCun normal,
  /// biases 0.
  case timm
  /// The original's: linear layers Xavier uniform, biases of the perceptrons normal of 1e-6, head 0, patch convolution
  /// and representation layer LeCun normal, positions and tokens as timm's.
  case jax
  /// Masked autoencoders' (arXiv:2111.06377): linear layers and the flattened patch convolution Xavier uniform, tokens
  /// normal of 0.02, positions fixed sines and cosines that are not trained.
  case mae
}
