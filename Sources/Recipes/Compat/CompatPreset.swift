// Published behaviour by name, defects included: settings, nothing else. docs/compat.md tells what each one does to a
// result, and a test holds the two together.

/// A published system whose behaviour a run can take over.
public enum CompatPreset: String, Sendable, CaseIterable {
  /// The tutorial that trains a vit_tiny on five kinds of flowers with Colossal-AI 0.1.5, DALI and timm 0.6: what its
  /// code did, which is not what its text says.
  case tencent
  /// Colossal-AI's example of large batches: a vit_base on ImageNet with LAMB, as the code of its first version did it.
  case colossal

  /// One setting of a preset.
  public struct Setting: Sendable, Equatable {
    /// The dotted path in `RunOptions`.
    public let path: String
    /// The value, as YAML.
    public let value: String
  }

  /// The settings, in the order in which they are applied: after a recipe and before `--set`.
  public var settings: [Setting] {
    let own =
      switch self {
      case .tencent: Self.tencentSettings
      case .colossal: Self.colossalSettings
      }
    return (own.map { $0 } + Self.titansSettings.map { $0 }).map { Setting(path: $0.key, value: $0.value) }
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
    "model.name": "vit_tiny_patch16_224",
    "precision": "float32",
    "optimizer": "{type: sgd, momentum: 0.9, weight_decay: 5.0e-4}",
    "schedule": "{type: cosine, unit: epoch}",
    "training.lr": "0.1",
    "training.epochs": "200",
    "training.accumulation": "16",
  ]

  private static let colossalSettings: KeyValuePairs = [
    "data.batch_size": "256",
    "model.name": "vit_base_patch16_224",
    "precision": "float16",
    "optimizer": "{type: lamb, variant: colossal, weight_decay: 0.1}",
    "schedule": "{type: linear, unit: epoch, warmup_epochs: 50}",
    "training.lr": "0.018",
    "training.epochs": "300",
    "training.accumulation": "16",
  ]

  /// What both have from Titans' loader, from timm's `drop_rate=0.1` of their day and from Colossal-AI's engine.
  private static let titansSettings: KeyValuePairs = [
    "data.drop_last": "true",
    "data.augmentation.crop": "random_resized",
    "data.augmentation.minimum_scale": "0.08",
    "data.augmentation.maximum_scale": "1",
    "data.augmentation.minimum_ratio": "0.75",
    "data.augmentation.maximum_ratio": "1.3333333333333333",
    "data.augmentation.flip": "0",
    "data.augmentation.transforms": "[WholeBatchRandAugment]",
    "model.position_dropout": "0.1",
    "model.projection_dropout": "0.1",
    "model.head_dropout": "0",
    "preprocessing.mean": "[0.5, 0.5, 0.5]",
    "preprocessing.std": "[0.5, 0.5, 0.5]",
    "preprocessing.interpolation": "bilinear",
    "preprocessing.resize_mode": "squash",
    "preprocessing.crop_fraction": "0.875",
    "training.accumulation_tail": "drop",
    "training.clip_norm": "1",
    "training.label_smoothing": "0",
    "training.exempt_from_decay": "false",
    "training.mixing": "{mixup_alpha: 0.2, cutmix_alpha: 0, partner: permuted}",
  ]
}
