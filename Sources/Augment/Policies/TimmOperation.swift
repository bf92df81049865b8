import KeyedRandom

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

/// The operations that timm's RandAugment and AugMix draw from.
public struct TimmOperationSet: Sendable, Equatable {
  /// The operations in timm's order.
  public var operations: [TimmOperation]
  /// How often each is drawn, relative to the others; nil: equally often. Weighted operations are drawn without
  /// repetition.
  public var weights: [Double]?

  /// The sets that a `t` section can name.
  static let named: KeyValuePairs<String, TimmOperationSet> = ["weights": weighted, "3a": three, "3aw": threeWeighted]

  /// RandAugment's own set, some operations of which grow weaker with the level.
  public static let standard = TimmOperationSet(operations: [
    .autoContrast, .equalize, .invert, .rotate, .posterize, .solarize, .solarizeAdd, .color, .contrast, .brightness,
    .sharpness, .shearX, .shearY, .translateXRel, .translateYRel,
  ])

  /// The same with operations that all grow stronger with the level (`inc1`).
  public static let increasing = TimmOperationSet(operations: [
    .autoContrast, .equalize, .invert, .rotate, .posterizeIncreasing, .solarizeIncreasing, .solarizeAdd,
    .colorIncreasing, .contrastIncreasing, .brightnessIncreasing, .sharpnessIncreasing, .shearX, .shearY,
    .translateXRel, .translateYRel,
  ])

  /// The set of AugMix.
  public static let augMix = TimmOperationSet(operations: [
    .autoContrast, .colorIncreasing, .contrastIncreasing, .brightnessIncreasing, .sharpnessIncreasing, .equalize,
    .rotate, .posterizeIncreasing, .solarizeIncreasing, .shearX, .shearY, .translateXRel, .translateYRel,
  ])

  /// `tweights`: mostly geometry.
  public static let weighted = TimmOperationSet([
    (.rotate, 3), (.shearX, 2), (.shearY, 2), (.translateXRel, 1), (.translateYRel, 1), (.colorIncreasing, 0.25),
    (.sharpnessIncreasing, 0.25), (.autoContrast, 0.25), (.solarizeIncreasing, 0.05), (.solarizeAdd, 0.05),
    (.contrastIncreasing, 0.05), (.brightnessIncreasing, 0.05), (.equalize, 0.05), (.posterizeIncreasing, 0.05),
    (.invert, 0.05),
  ])

  /// `t3a`: the three of 3-Augment.
  public static let three = TimmOperationSet(operations: [.solarizeIncreasing, .desaturate, .gaussianBlur])

  /// `t3aw`: mostly the three of 3-Augment.
  public static let threeWeighted = TimmOperationSet([
    (.solarizeIncreasing, 6), (.desaturate, 6), (.gaussianBlur, 6), (.rotate, 3), (.shearX, 2), (.shearY, 2),
    (.posterizeIncreasing, 1), (.autoContrast, 1), (.colorIncreasing, 1), (.sharpnessIncreasing, 1),
    (.contrastIncreasing, 1), (.brightnessIncreasing, 1), (.equalize, 1), (.invert, 1),
  ])

  /// `w0`, which timm had before `tweights`: the standard set, neither inverted nor posterized.
  public static let weightedZero = TimmOperationSet([
    (.autoContrast, 0.025), (.equalize, 0.005), (.invert, 0), (.rotate, 0.3), (.posterize, 0), (.solarize, 0.005),
    (.solarizeAdd, 0.005), (.color, 0.025), (.contrast, 0.005), (.brightness, 0.005), (.sharpness, 0.025),
    (.shearX, 0.2), (.shearY, 0.2), (.translateXRel, 0.1), (.translateYRel, 0.1),
  ])

  init(operations: [TimmOperation]) { self.operations = operations }

  init(_ weighted: [(operation: TimmOperation, weight: Double)]) {
    operations = weighted.map(\.operation)
    weights = weighted.map(\.weight)
  }

  /// How many operations can be drawn for one image: any number, or those with a weight.
  var maxDrawn: Int { weights.map { $0.count { $0 > 0 } } ?? .max }
}

extension TimmOperationSet {
  /// A number of operations: weighted ones without repetition, others with.
  func draw(_ count: Int, random: inout KeyedRandom) -> [TimmOperation] {
    guard var weights else { return (0..<count).map { _ in operations[random.integer(below: operations.count)] } }
    return (0..<count).map { _ in
      var position = random.uniform() * weights.reduce(0, +)
      // Rounding may leave a rest beyond the last weight.
      var drawn = weights.lastIndex { $0 > 0 } ?? 0
      for (index, weight) in weights.enumerated() where weight > 0 {
        position -= weight
        if position < 0 {
          drawn = index
          break
        }
      }
      weights[drawn] = 0
      return operations[drawn]
    }
  }
}
