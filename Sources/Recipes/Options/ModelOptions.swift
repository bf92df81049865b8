public import Settings
public import VisionModels

/// Which model a run trains: a preset, and changes to it.
public struct ModelOptions: Validatable, Equatable {
  /// The preset; `vitrail models` lists them.
  public var name = "vit_tiny_patch16_224"
  /// How parameters get their first values.
  public var initialization = ViTInitialization.timm
  /// A safetensors file with timm's keys, a checkpoint or a run directory, to start from.
  public var weights: String?
  /// Height and width of the input.
  public var imageSize: Int?
  /// Height and width of a patch.
  public var patchSize: Int?
  /// Width of the tokens.
  public var embedDim: Int?
  /// Number of blocks.
  public var depth: Int?
  /// Heads of each attention.
  public var numHeads: Int?
  /// Width of the perceptrons, as a multiple of `embed_dim`.
  public var mlpRatio: Double?
  /// Whether the projection to q, k and v has a bias.
  public var qkvBias: Bool?
  /// What the head sees: the class token, or the mean of the patches.
  public var pooling: ViTConfig.Pooling?
  /// Width of a layer between pooling and head; 0 for none.
  public var representationSize: Int?
  /// First value of the scales behind attention and perceptron; 0 for none.
  public var layerScale: Double?
  /// Dropout after the position embedding.
  public var positionDropout: Double?
  /// Dropout on attention weights.
  public var attentionDropout: Double?
  /// Dropout after the projections of attention and MLP.
  public var projectionDropout: Double?
  /// Dropout before the head.
  public var headDropout: Double?
  /// Stochastic depth (drop path): drop rate of the last block.
  public var stochasticDepth: Double?

  /// vit_tiny_patch16_224 as it is.
  public init() {}

  /// The preset, or nil for a name that is none.
  public var preset: ViTPreset? { ViTPresets[name] }

  /// The shape for `numClasses` classes.
  public func config(numClasses: Int) -> ViTConfig {
    var config = preset?.config ?? ViTConfig()
    config.numClasses = numClasses
    if let imageSize { config.imageSize = imageSize }
    if let patchSize { config.patchSize = patchSize }
    if let embedDim { config.embedDim = embedDim }
    if let depth { config.depth = depth }
    if let numHeads { config.numHeads = numHeads }
    if let mlpRatio { config.mlpRatio = mlpRatio }
    if let qkvBias { config.qkvBias = qkvBias }
    if let pooling { config.pooling = pooling }
    if let representationSize { config.representationSize = representationSize }
    if let layerScale { config.layerScale = layerScale }
    if let positionDropout { config.positionDropout = positionDropout }
    if let attentionDropout { config.attentionDropout = attentionDropout }
    if let projectionDropout { config.projectionDropout = projectionDropout }
    if let headDropout { config.headDropout = headDropout }
    if let stochasticDepth { config.stochasticDepth = stochasticDepth }
    return config
  }

  /// Reports an unknown name, and shapes that cannot be.
  public func validate(_ issues: inout IssueCollector) {
    guard preset != nil else {
      let near = ViTPresets.nearest(to: name).map { ", such as '\($0)'" } ?? ""
      let advice = ViTPresets.tagAdvice(on: name)
      issues.check(false, "name", found: name, "a name that `vitrail models` lists\(near)\(advice)")
      return
    }
    do {
      try config(numClasses: 1).validated(as: "model")
    } catch {
      // A shape knows keys that a recipe cannot set; what is wrong with them comes from the preset.
      let keys = OptionsEncoder.encode(self).keys
      for issue in error.issues {
        if keys.contains(issue.path) {
          issues.report(issue.message, at: issue.path)
        } else {
          issues.report("\(issue.path): \(issue.message)")
        }
      }
    }
  }
}

extension ViTPresets {
  /// The likeliest name for one that is none: without timm's tag, completed, or with its typing errors mended; nil where
  /// none is near.
  static func nearest(to name: String) -> String? {
    let plain = name.lowercased().replacing("-", with: "_").replacing("/", with: "_")
    let bare = String(plain.prefix { $0 != "." })
    if ViTPresets[bare] != nil { return bare }
    if let name = torchvisionNames[bare] { return name }
    let completed = names.filter { $0.hasPrefix(bare + "_") }
    let usual = ModelOptions().name
    return completed.first { $0 == usual } ?? completed.first { $0.hasSuffix("_patch16_224") } ?? completed.first
      ?? nearestName(to: bare, in: names)
  }

  /// What the part of a name behind the dot is in timm; nothing for a name without one.
  static func tagAdvice(on name: String) -> String {
    name.contains(".") ? "; a tag behind the dot names weights, which --init (model.weights) takes as a file" : ""
  }

  private static let torchvisionNames = [
    "vit_b_16": "vit_base_patch16_224", "vit_b_32": "vit_base_patch32_224", "vit_l_16": "vit_large_patch16_224",
    "vit_l_32": "vit_large_patch32_224", "vit_h_14": "vit_huge_patch14_224", "vit_s_16": "vit_small_patch16_224",
    "vit_ti_16": "vit_tiny_patch16_224",
  ]
}
