public import Settings

/// What a user sets of a transform; stands beside it as its `Options`.
public protocol TransformOptions: Validatable {
  /// The transform with these settings, which have been validated.
  func makeTransform() -> any Transform
}

/// The transforms that settings can name: `transforms: [{type: horizontal_flip, probability: 0.5}]` is a list of
/// ``TransformSettings``. A new one is a file, a line here, and a test.
public enum TransformRegistry: OptionsFamily {
  /// What the settings of all transforms have in common.
  public typealias Payload = any TransformOptions

  /// Names and settings.
  public static let table: KeyValuePairs<String, any Validatable.Type> = [
    "center_crop": CenterCrop.Options.self,
    "horizontal_flip": HorizontalFlip.Options.self,
    "random_resized_crop": RandomResizedCrop.Options.self,
    "resize": Resize.Options.self,
  ]
}

/// One transform, by name, with its settings.
public typealias TransformSettings = Tagged<TransformRegistry>
