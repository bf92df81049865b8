public import Settings

/// The transforms that settings can name, as torchvision and timm call them: `{type: Rotate, degrees: 17}`, or in the
/// short form `Rotate(degrees=17)`, is one ``TransformSettings``. A new one is a file, a line here, and a test.
public enum TransformRegistry: OptionsFamily {
  /// What the settings of all transforms have in common.
  public typealias Payload = any TransformOptions

  /// Names and settings.
  public static let table: KeyValuePairs<String, any Validatable.Type> = [
    "AugMix": AugMix.self,
    "AutoAugment": AutoAugment.self,
    "AutoContrast": AutoContrast.self,
    "Brightness": Brightness.self,
    "CenterCrop": CenterCrop.self,
    "Color": Color.self,
    "ColorJitter": ColorJitter.self,
    "Contrast": Contrast.self,
    "Desaturate": Desaturate.self,
    "Equalize": Equalize.self,
    "GaussianBlur": GaussianBlur.self,
    "Grayscale": Grayscale.self,
    "HorizontalFlip": HorizontalFlip.self,
    "Hue": Hue.self,
    "Invert": Invert.self,
    "Pad": Pad.self,
    "Posterize": Posterize.self,
    "RandAugment": RandAugment.self,
    "RandomAffine": RandomAffine.self,
    "RandomApply": RandomApply.Options.self,
    "RandomCrop": RandomCrop.self,
    "RandomErasing": RandomErasing.self,
    "RandomGaussianBlur": RandomGaussianBlur.self,
    "RandomGrayscale": RandomGrayscale.self,
    "RandomPerspective": RandomPerspective.self,
    "RandomResizedCrop": RandomResizedCrop.self,
    "RandomRotation": RandomRotation.self,
    "RandomSolarize": RandomSolarize.self,
    "Resize": Resize.Options.self,
    "Rotate": Rotate.self,
    "Sharpness": Sharpness.self,
    "ShearX": Shear<Horizontal>.self,
    "ShearY": Shear<Vertical>.self,
    "Solarize": Solarize.self,
    "SolarizeAdd": SolarizeAdd.self,
    "ThreeAugment": ThreeAugment.self,
    "TimmAutoAugment": TimmAutoAugment.Options.self,
    "TranslateX": Translate<Horizontal>.self,
    "TranslateXRel": TranslateRel<Horizontal>.self,
    "TranslateY": Translate<Vertical>.self,
    "TranslateYRel": TranslateRel<Vertical>.self,
    "TrivialAugmentWide": TrivialAugmentWide.self,
    "VerticalFlip": VerticalFlip.self,
    "WholeBatchRandAugment": WholeBatchRandAugment.self,
  ]
}

/// One transform, by name, with its settings.
public typealias TransformSettings = Tagged<TransformRegistry>
