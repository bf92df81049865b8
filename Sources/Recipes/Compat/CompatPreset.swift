// Published behaviour by name, defects included: settings, nothing else. docs/compat.md tells what each one does to a
// result, and a test holds the two together.

/// A published system whose behaviour a run can take over.
public enum CompatPreset: String, Sendable, CaseIterable {
  /// The tutorial that trains a vit_tiny on five kinds of flowers with Colossal-AI 0.1.5, DALI and timm 0.6: what its
  /// code did, which is not what its text says.
  case tencent

  /// One setting of a preset.
  public struct Setting: Sendable, Equatable {
    /// The dotted path in `RunOptions`.
    public let path: String
    /// The value, as YAML.
    public let value: String
  }

  /// The settings, in the order in which they are applied: after a recipe and before `--set`.
  public var settings: [Setting] {
    switch self {
    case .tencent: Self.tencentSettings.map { Setting(path: $0, value: $1) }
    }
  }

  /// The sections that go back to their defaults first, so that nothing of a recipe changes the result.
  public var resetSections: [String] { ["model", "preprocessing", "data.augmentation", "training"] }

  /// Sections and settings as `--set` takes them.
  public var overrides: [String] {
    resetSections.map { "\($0)={}" } + settings.map { "\($0.path)=\($0.value)" }
  }

  private static let tencentSettings: KeyValuePairs = [
    "data.split": "'4:1'",
    "data.split_rule": "inclusive",
    "data.batch_size": "128",
    "data.drop_last": "true",
    "data.augmentation.crop": "random_resized",
    "data.augmentation.minimum_scale": "0.08",
    "data.augmentation.maximum_scale": "1",
    "data.augmentation.minimum_ratio": "0.75",
    "data.augmentation.maximum_ratio": "1.3333333333333333",
    "data.augmentation.flip": "0",
    "data.augmentation.transforms": "[WholeBatchRandAugment]",
    "model.name": "vit_tiny_patch16_224",
    "model.position_dropout": "0.1",
    "model.projection_dropout": "0.1",
    "model.head_dropout": "0",
    "preprocessing.mean": "[0.5, 0.5, 0.5]",
    "preprocessing.std": "[0.5, 0.5, 0.5]",
    "preprocessing.interpolation": "bilinear",
    "preprocessing.resize_mode": "squash",
    "preprocessing.crop_fraction": "0.875",
    "precision": "float32",
    "optimizer": "{type: sgd, momentum: 0.9, weight_decay: 5.0e-4}",
    "schedule": "{type: cosine, unit: epoch}",
    "training.lr": "0.1",
    "training.epochs": "200",
    "training.accumulation": "16",
    "training.accumulation_tail": "drop",
    "training.clip_norm": "1",
    "training.label_smoothing": "0",
    "training.exempt_from_decay": "false",
    "training.mixing": "{mixup_alpha: 0.2, cutmix_alpha: 0, partner: permuted}",
  ]
}
