/// The operations of timm's policies, by its names, and what they do at a level from 0 to 10 (more, where the upper
/// bound is raised). Where it has several scales of one operation, "Increasing" ones grow stronger with the level.
public enum TimmOperation: String, Sendable, CaseIterable {
  case autoContrast = "AutoContrast"
  case equalize = "Equalize"
  case invert = "Invert"
  case rotate = "Rotate"
  case posterize = "Posterize"
  case posterizeIncreasing = "PosterizeIncreasing"
  case posterizeOriginal = "PosterizeOriginal"
  case solarize = "Solarize"
  case solarizeIncreasing = "SolarizeIncreasing"
  case solarizeAdd = "SolarizeAdd"
  case color = "Color"
  case colorIncreasing = "ColorIncreasing"
  case contrast = "Contrast"
  case contrastIncreasing = "ContrastIncreasing"
  case brightness = "Brightness"
  case brightnessIncreasing = "BrightnessIncreasing"
  case sharpness = "Sharpness"
  case sharpnessIncreasing = "SharpnessIncreasing"
  case shearX = "ShearX"
  case shearY = "ShearY"
  case translateXRel = "TranslateXRel"
  case translateYRel = "TranslateYRel"
  case desaturate = "Desaturate"
  case gaussianBlur = "GaussianBlur"
  case gaussianBlurRand = "GaussianBlurRand"

  /// Whether every second time the opposite is done.
  public var isSigned: Bool {
    switch self {
    case .rotate, .shearX, .shearY, .translateXRel, .translateYRel, .colorIncreasing, .contrastIncreasing,
      .brightnessIncreasing, .sharpnessIncreasing:
      true
    default: false
    }
  }

  /// Whether the operation moves pixels, and so needs a filter.
  public var isGeometric: Bool {
    switch self {
    case .rotate, .shearX, .shearY, .translateXRel, .translateYRel: true
    default: false
    }
  }

  /// The operation at a level.
  ///
  /// - Parameters:
  ///   - level: From 0 on; 10 is the strong end.
  ///   - isNegated: The opposite, where the operation is signed.
  ///   - size: Width and height of the image.
  ///   - translateFraction: The part of a side that level 10 translates by.
  ///   - blurPosition: Where the radius of `gaussianBlurRand` lies between its bounds, 0 to 1.
  public func operation(
    level: Double, isNegated: Bool = false, size: (width: Int, height: Int), translateFraction: Double = 0.45,
    blurPosition: Double = 1
  ) -> PixelOperation {
    let part = level / 10
    let sign = isNegated ? -1.0 : 1
    let enhancement = part * 1.8 + 0.1
    let increasingEnhancement = max(0.1, 1 + sign * (part * 0.9))
    switch self {
    case .autoContrast: return .autoContrast
    case .equalize: return .equalize
    case .invert: return .invert
    case .rotate: return .rotate(degrees: sign * (part * 30))
    case .posterize: return .posterize(bits: min(8, Int(part * 4)))
    case .posterizeIncreasing: return .posterize(bits: max(0, 4 - Int(part * 4)))
    case .posterizeOriginal: return .posterize(bits: min(8, Int(part * 4) + 4))
    case .solarize: return .solarize(threshold: Double(min(256, Int(part * 256))))
    case .solarizeIncreasing: return .solarize(threshold: Double(256 - min(256, Int(part * 256))))
    case .solarizeAdd: return .solarizeAdd(min(128, Int(part * 110)), threshold: 128)
    case .color: return .color(enhancement)
    case .colorIncreasing: return .color(increasingEnhancement)
    case .contrast: return .contrast(enhancement)
    case .contrastIncreasing: return .contrast(increasingEnhancement)
    case .brightness: return .brightness(enhancement)
    case .brightnessIncreasing: return .brightness(increasingEnhancement)
    case .sharpness: return .sharpness(enhancement)
    case .sharpnessIncreasing: return .sharpness(increasingEnhancement)
    case .shearX: return .shearX(sign * (part * 0.3))
    case .shearY: return .shearY(sign * (part * 0.3))
    // timm's sign is that of the source coordinate, ours that of the picture's way.
    case .translateXRel: return .translateX(-(sign * (part * translateFraction)) * Double(size.width))
    case .translateYRel: return .translateY(-(sign * (part * translateFraction)) * Double(size.height))
    case .desaturate: return .color(min(1, max(0, 1 - Self.clamped(0.5 + (1.0 - 0.5) * part, 0.5, 1))))
    case .gaussianBlur: return .gaussianBlur(radius: Self.clamped(0.1 + (2.0 - 0.1) * part, 0.1, 2))
    case .gaussianBlurRand:
      return .gaussianBlur(radius: 0.1 + (2 * Self.clamped(part, 0, 1) - 0.1) * blurPosition)
    }
  }

  private static func clamped(_ x: Double, _ low: Double, _ high: Double) -> Double { max(low, min(high, x)) }
}
