/// The operations of torchvision's policies, by its names.
public enum OperationKind: String, Sendable, CaseIterable {
  case identity = "Identity"
  case shearX = "ShearX"
  case shearY = "ShearY"
  case translateX = "TranslateX"
  case translateY = "TranslateY"
  case rotate = "Rotate"
  case brightness = "Brightness"
  case color = "Color"
  case contrast = "Contrast"
  case sharpness = "Sharpness"
  case posterize = "Posterize"
  case solarize = "Solarize"
  case autoContrast = "AutoContrast"
  case equalize = "Equalize"
  case invert = "Invert"

  /// The operation of a magnitude, as torchvision carries it out: whole pixels of translation and whole bits, cut
  /// towards zero; a magnitude of 0 leaves colours as they are.
  public func operation(magnitude: Double) -> PixelOperation {
    switch self {
    case .identity: .identity
    case .shearX: .shearX(magnitude)
    case .shearY: .shearY(magnitude)
    case .translateX: .translateX(magnitude.rounded(.towardZero))
    case .translateY: .translateY(magnitude.rounded(.towardZero))
    case .rotate: .rotate(degrees: magnitude)
    case .brightness: .brightness(1 + magnitude)
    case .color: .color(1 + magnitude)
    case .contrast: .contrast(1 + magnitude)
    case .sharpness: .sharpness(1 + magnitude)
    case .posterize: .posterize(bits: Int(magnitude))
    case .solarize: .solarize(threshold: magnitude)
    case .autoContrast: .autoContrast
    case .equalize: .equalize
    case .invert: .invert
    }
  }
}
