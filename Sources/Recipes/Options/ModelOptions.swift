public import Settings
public import VisionModels

/// Which model a run trains: a preset, and changes to fields of its `ViTConfig`, such as `depth`; nil where the preset's
/// stays.
@dynamicMemberLookup
public struct ModelOptions: Validatable, Equatable {
  /// The preset; `vitrail models` lists them.
  public var name = "vit_tiny_patch16_224"
  /// How parameters get their first values.
  public var initialization = ViTInitialization.timm
  /// A safetensors file with timm's keys, a checkpoint or a run directory, to start from.
  public var weights: String?
  private var changes = Overlay<ViTConfig>()

  /// vit_tiny_patch16_224 as it is.
  public init() {}

  /// The preset, or nil for a name that is none.
  public var preset: ViTPreset? { ViTPresets[name] }

  /// The shape for `numClasses` classes.
  public func config(numClasses: Int) -> ViTConfig {
    var config = changes.applied(to: preset?.config ?? ViTConfig())
    config.numClasses = numClasses
    return config
  }

  /// The change to a field of the preset's shape, if any.
  public subscript<Value>(dynamicMember field: WritableKeyPath<ViTConfig, Value>) -> Value? {
    get { changes[dynamicMember: field] }
    set { changes[dynamicMember: field] = newValue }
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

extension ModelOptions: Codable {
  private enum CodingKeys: CodingKey { case name, initialization, weights }

  /// Reads the name and the changes from one mapping.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    initialization = try container.decode(ViTInitialization.self, forKey: .initialization)
    weights = try container.decodeIfPresent(String.self, forKey: .weights)
    changes = try Overlay(from: decoder)
  }

  /// Writes the name and the changes into one mapping.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(initialization, forKey: .initialization)
    try container.encode(weights, forKey: .weights)
    try changes.encode(to: encoder)
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
