public import Preprocessing

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

/// The operations that one of torchvision's policies draws from, and the magnitudes of each: its `_augmentation_space`.
public struct OperationSpace: Sendable {
  /// An operation with its magnitudes.
  public struct Entry: Sendable, Equatable {
    /// The operation.
    public let kind: OperationKind
    /// Whether the magnitude is as often negative.
    public let isSigned: Bool
    /// Number of magnitudes; none where the operation has no magnitude.
    public let numMagnitudes: Int
    fileprivate let scale: Scale

    /// From weak to strong, float32 as torchvision computes them.
    public var magnitudes: [Double] { (0..<numMagnitudes).map(magnitude) }

    /// The operation at one of the magnitudes (any number where there are none), or at its negative.
    public func step(bin: Int, isNegated: Bool, _ interpolation: Interpolation) -> PolicyStep {
      let magnitude = numMagnitudes == 0 ? 0 : magnitude(bin)
      return PolicyStep(
        kind.operation(magnitude: isNegated ? -magnitude : magnitude), interpolation: interpolation)
    }

    private func magnitude(_ bin: Int) -> Double {
      precondition((0..<numMagnitudes).contains(bin), "magnitude \(bin) is none of \(numMagnitudes)")
      switch scale {
      case .none: return 0
      case .steps(let start, let end):
        // PyTorch's `linspace` in float32: the first half is counted from the start and the second from the end, each
        // with one rounding, as processors with fused multiplication and addition compute it.
        let step = (end - start) / Float(numMagnitudes - 1)
        return Double(
          bin < numMagnitudes / 2
            ? start.addingProduct(step, Float(bin)) : end.addingProduct(-step, Float(numMagnitudes - 1 - bin)))
      case .bits(let first, let range):
        let binsPerBit = Float(numMagnitudes - 1) / range
        return Double(first - (Float(bin) / binsPerBit).rounded(.toNearestOrEven))
      }
    }
  }

  fileprivate enum Scale: Sendable, Equatable {
    case none
    case steps(from: Float, to: Float)
    case bits(from: Float, by: Float)
  }

  /// The operations in torchvision's order.
  public let entries: [Entry]

  /// The space of RandAugment for an image size; 2 bins at least.
  public static func randAugment(numBins: Int, width: Int, height: Int) -> OperationSpace {
    let geometry = geometry(numBins, translation: (150.0 / 331 * Double(width), 150.0 / 331 * Double(height)))
    return OperationSpace(
      entries: [constant(.identity)] + geometry + enhancements(numBins, 0.9)
        + [posterize(numBins, from: 8, by: 4), solarize(numBins), constant(.autoContrast), constant(.equalize)])
  }

  /// The space of AutoAugment's policies, in 10 bins.
  public static func autoAugment(width: Int, height: Int) -> OperationSpace {
    let space = randAugment(numBins: 10, width: width, height: height)
    return OperationSpace(entries: space.entries.dropFirst() + [constant(.invert)])
  }

  /// The wide space of TrivialAugment, which does not depend on the image size.
  public static func trivialAugment(numBins: Int) -> OperationSpace {
    let geometry = geometry(numBins, shear: 0.99, translation: (32, 32), rotation: 135)
    return OperationSpace(
      entries: [constant(.identity)] + geometry + enhancements(numBins, 0.99)
        + [posterize(numBins, from: 8, by: 6), solarize(numBins), constant(.autoContrast), constant(.equalize)])
  }

  /// The space of AugMix, in 10 bins; without `allOperations` nothing that the test sets of corruptions hold.
  public static func augMix(width: Int, height: Int, allOperations: Bool) -> OperationSpace {
    let geometry = geometry(10, translation: (Double(width) / 3, Double(height) / 3))
    let bytes = [posterize(10, from: 4, by: 4), solarize(10), constant(.autoContrast), constant(.equalize)]
    return OperationSpace(entries: geometry + bytes + (allOperations ? enhancements(10, 0.9) : []))
  }

  private static func entry(_ kind: OperationKind, _ numBins: Int, _ scale: Scale, isSigned: Bool = false) -> Entry {
    precondition(numBins != 1, "magnitudes need 2 bins at least")
    return Entry(kind: kind, isSigned: isSigned, numMagnitudes: numBins, scale: scale)
  }

  private static func constant(_ kind: OperationKind) -> Entry { entry(kind, 0, .none) }

  private static func rising(_ kind: OperationKind, _ numBins: Int, to largest: Double) -> Entry {
    entry(kind, numBins, .steps(from: 0, to: Float(largest)), isSigned: true)
  }

  private static func geometry(
    _ numBins: Int, shear: Double = 0.3, translation: (x: Double, y: Double), rotation: Double = 30
  ) -> [Entry] {
    [
      rising(.shearX, numBins, to: shear), rising(.shearY, numBins, to: shear),
      rising(.translateX, numBins, to: translation.x), rising(.translateY, numBins, to: translation.y),
      rising(.rotate, numBins, to: rotation),
    ]
  }

  private static func enhancements(_ numBins: Int, _ largest: Double) -> [Entry] {
    [OperationKind.brightness, .color, .contrast, .sharpness].map { rising($0, numBins, to: largest) }
  }

  private static func posterize(_ numBins: Int, from first: Float, by range: Float) -> Entry {
    entry(.posterize, numBins, .bits(from: first, by: range))
  }

  private static func solarize(_ numBins: Int) -> Entry { entry(.solarize, numBins, .steps(from: 255, to: 0)) }
}
