import KeyedRandom
public import NN
public import Torch

/// A Vision Transformer: patches to tokens, transformer blocks, a classifier (Dosovitskiy et al. 2020,
/// arXiv:2010.11929). Keys, order and shapes of its state dict are timm's.
public final class VisionTransformer: ImageClassifier {
  /// The model's shape. `numClasses` follows `replaceHead`.
  public private(set) var config: ViTConfig
  /// How parameters got, and a new head gets, their first values.
  public let initialization: ViTInitialization
  /// Tokens before patches, and positions.
  public let positionEmbedding: PositionEmbedding
  /// Pixels to tokens.
  public let patchEmbedding: PatchEmbedding
  /// The transformer.
  public let blocks: [EncoderBlock]
  /// After the last block, unless pooling is by the mean.
  public let norm: LayerNorm?
  /// Tokens to logits.
  public let classifier: ClassifierHead

  /// A model in float32 on the CPU with its first values.
  ///
  /// - Parameters:
  ///   - config: a valid shape; see `ViTConfig.validate`.
  ///   - initialization: how parameters get their first values.
  ///   - seed: decides the first values, each parameter's by its name: alike for every device, and for every part of the
  ///     model that is made by itself.
  ///   - layers: makes the linear layers of the blocks.
  public convenience init(
    _ config: ViTConfig, initialization: ViTInitialization = .timm, seed: UInt64 = 0,
    layers: any LayerFactory = WholeLayers()
  ) {
    self.init(uninitialized: config, initialization: initialization, layers: layers)
    initialize(KeyedRandom(seed: seed)) { _ in true }
  }

  /// A model whose parameters are still zero.
  init(uninitialized config: ViTConfig, initialization: ViTInitialization, layers: any LayerFactory) {
    self.config = config
    self.initialization = initialization
    positionEmbedding = PositionEmbedding(config)
    patchEmbedding = PatchEmbedding(config)
    blocks = (0..<config.depth).map { EncoderBlock(config, index: $0, layers: layers) }
    norm = config.pooling == .token ? LayerNorm(config.embedDim, eps: config.layerNormEps) : nil
    classifier = ClassifierHead(config)
  }

  /// Classes of the logits.
  public var numClasses: Int { config.numClasses }

  /// Images [B, channels, imageSize, imageSize], floating point, to logits [B, classes]. A distilled model gives the
  /// mean of its two predictions; see `forward`.
  public func callAsFunction(_ images: Tensor, _ context: ForwardContext) -> Tensor {
    let output = forward(images, context)
    let logits = output.logits
    context.record("logits", logits)
    return logits
  }

  /// Images [B, channels, imageSize, imageSize], floating point, to logits; both predictions of a distilled model,
  /// which distillation trains against different targets.
  public func forward(_ images: Tensor, _ context: ForwardContext) -> ClassifierOutput {
    classifier(features(images, context), context)
  }

  /// Images to the tokens after the last block and norm, [B, T, embedDim]. Records `patch_embed`, `pos_embed` (what
  /// enters the first block), each block's parts and output (`blocks.0.norm1`, ..., `blocks.0`), and `norm`.
  public func features(_ images: Tensor, _ context: ForwardContext) -> Tensor {
    requireShape(
      images.ndim == 4 && images.size(2) == config.imageSize && images.size(3) == config.imageSize,
      "the model takes images of \(config.imageSize) pixels, got \(images.shape)")
    var x = patchEmbedding(images)
    context.record("patch_embed", x)
    x = positionEmbedding(x, context)
    context.record("pos_embed", x)
    for (index, block) in blocks.enumerated() {
      x = context.block("blocks.\(index)", x) { block($0, $1) }
      context.record("blocks.\(index)", x)
    }
    if let norm {
      x = norm(x)
      context.record("norm", x)
    }
    return x
  }

  /// The block that a parameter belongs to, by its name, as `ForwardContext.block` has it; "" for all outside of blocks.
  public static func block(of name: String) -> String {
    let parts = name.split(separator: ".", maxSplits: 2)
    return parts.first == "blocks" && parts.count == 3 ? "blocks.\(parts[1])" : ""
  }

  /// Puts a freshly initialized head for another number of classes in place of the old one, on the same device and in
  /// the same dtype. Build optimizers after this, not before.
  public func replaceHead(numClasses: Int, seed: UInt64 = 0) {
    let (device, dtype) = (classifier.head.weight.device, classifier.head.weight.dtype)
    classifier.replace(numClasses: numClasses)
    config.numClasses = numClasses
    initialize(KeyedRandom(seed: seed)) { $0.hasPrefix("head.") || $0.hasPrefix("head_dist.") }
    for head in [classifier.head, classifier.distillationHead].compactMap({ $0 }) {
      head.replaceTensors { $0.to(device).to(dtype) }
    }
  }

  /// Lists `cls_token`, `reg_token`, `pos_embed`, `dist_token`, `patch_embed`, `blocks`, `norm`, `fc_norm`,
  /// `pre_logits`, `head`, `head_dist`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("", positionEmbedding)
    visitor.submodule("patch_embed", patchEmbedding)
    visitor.submodules("blocks", blocks)
    visitor.submodule("norm", norm)
    visitor.submodule("", classifier)
  }
}
