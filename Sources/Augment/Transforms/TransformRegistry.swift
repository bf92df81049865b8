public import Settings

/// What a user sets of a transform; stands beside it as its `Options`.
public protocol TransformOptions: Validatable {
  /// The transform with these settings, which have been validated.
  func makeTransform() -> any Transform
}

/// The transforms that settings can name, as torchvision and timm call them: `{type: Rotate, degrees: 17}`, or in the
/// short form `Rotate(degrees=17)`, is one ``TransformSettings``. A new one is a file, a line here, and a test.
public enum TransformRegistry: OptionsFamily {
  /// What the settings of all transforms have in common.
  public typealias Payload = any TransformOptions

  /// Names and settings.
  public static let table: KeyValuePairs<String, any Validatable.Type> = [
    "AugMix": AugMix.Options.self,
    "AutoAugment": AutoAugment.Options.self,
    "AutoContrast": AutoContrast.Options.self,
    "Brightness": Brightness.Options.self,
    "CenterCrop": CenterCrop.Options.self,
    "Color": Color.Options.self,
    "ColorJitter": ColorJitter.Options.self,
    "Contrast": Contrast.Options.self,
    "Desaturate": Desaturate.Options.self,
    "Equalize": Equalize.Options.self,
    "GaussianBlur": GaussianBlur.Options.self,
    "Grayscale": Grayscale.Options.self,
    "HorizontalFlip": HorizontalFlip.Options.self,
    "Hue": Hue.Options.self,
    "Invert": Invert.Options.self,
    "Posterize": Posterize.Options.self,
    "RandAugment": RandAugment.Options.self,
    "RandomApply": RandomApply.Options.self,
    "RandomCrop": RandomCrop.Options.self,
    "RandomErasing": RandomErasing.Options.self,
    "RandomGaussianBlur": RandomGaussianBlur.Options.self,
    "RandomGrayscale": RandomGrayscale.Options.self,
    "RandomResizedCrop": RandomResizedCrop.Options.self,
    "RandomSolarize": RandomSolarize.Options.self,
    "Resize": Resize.Options.self,
    "Rotate": Rotate.Options.self,
    "Sharpness": Sharpness.Options.self,
    "ShearX": ShearX.Options.self,
    "ShearY": ShearY.Options.self,
    "Solarize": Solarize.Options.self,
    "SolarizeAdd": SolarizeAdd.Options.self,
    "ThreeAugment": ThreeAugment.Options.self,
    "TimmAutoAugment": TimmAutoAugment.Options.self,
    "TranslateX": TranslateX.Options.self,
    "TranslateXRel": TranslateXRel.Options.self,
    "TranslateY": TranslateY.Options.self,
    "TranslateYRel": TranslateYRel.Options.self,
    "TrivialAugmentWide": TrivialAugmentWide.Options.self,
    "VerticalFlip": VerticalFlip.Options.self,
    "WholeBatchRandAugment": WholeBatchRandAugment.Options.self,
  ]
}

/// One transform, by name, with its settings.
public typealias TransformSettings = Tagged<TransformRegistry>
