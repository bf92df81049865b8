/// The operations of ``WholeBatchRandAugment``, with the arguments that Titans gives them.
public enum TitansOperation: String, Sendable, CaseIterable {
  /// The darkest sample of a channel becomes 0, the lightest 255.
  case autoContrast
  /// A flat histogram.
  case equalize
  /// 255 - sample.
  case invert
  /// Degrees.
  case rotate
  /// Bits that are kept.
  case posterize
  /// Samples from the threshold on are inverted.
  case solarize
  /// Added to samples below 128.
  case solarizeAdd
  /// A factor away from grey.
  case color
  /// A factor away from the mean.
  case contrast
  /// A factor of all samples.
  case brightness
  /// A factor away from the smoothed image.
  case sharpness
  /// A slant in degrees. The paper means a slope of 0.3, and so 17 degrees; 0.3 degrees hardly move a pixel.
  case shearX
  /// The same downwards.
  case shearY
  /// Pixels to the right.
  case translateX
  /// Pixels downwards.
  case translateY
  /// Half the side of a grey square.
  case cutout

  /// The argument for a magnitude of 0 to 10, without its sign.
  public func argument(magnitude: Double) -> Double {
    let level = magnitude / 10
    return switch self {
    case .autoContrast, .equalize, .invert: 0
    case .rotate: level * 30
    case .posterize: (level * 4).rounded(.down)
    case .solarize: (level * 200).rounded(.down)
    case .solarizeAdd: (level * 110).rounded(.down)
    case .color, .contrast, .brightness, .sharpness: level * 1.8 + 0.1
    case .shearX, .shearY: level * 0.3
    case .translateX, .translateY, .cutout: self == .cutout ? (level * 40).rounded(.down) : level * 40
    }
  }

  /// Whether the argument is as often negative.
  public var isSigned: Bool {
    switch self {
    case .rotate, .shearX, .shearY, .translateX, .translateY: true
    default: false
    }
  }

  /// Carries the operation out. What comes into the image from outside is grey, 128.
  func apply(_ argument: Double, place: (x: Double, y: Double), to image: ImageBuffer) -> ImageBuffer {
    let grey: (UInt8, UInt8, UInt8) = (128, 128, 128)
    let center = (x: Double(image.width) / 2, y: Double(image.height) / 2)
    func moved(shear: (x: Double, y: Double) = (0, 0), by translation: (x: Double, y: Double) = (0, 0)) -> ImageBuffer {
      image.affine(
        AffineMatrix(translation: translation, shearDegrees: shear, center: center), fill: grey)
    }
    return switch self {
    case .autoContrast: image.autoContrast()
    case .equalize: image.equalized()
    case .invert: image.inverted()
    case .rotate: image.rotated(degrees: argument, fill: grey)
    case .posterize: image.posterized(bits: Int(argument))
    case .solarize: image.solarized(threshold: Int(argument))
    case .solarizeAdd: image.solarizedAdd(Int(argument))
    case .color: image.color(argument)
    case .contrast: image.contrast(argument)
    case .brightness: image.brightness(argument)
    case .sharpness: image.sharpness(argument)
    case .shearX: moved(shear: (argument, 0))
    case .shearY: moved(shear: (0, argument))
    case .translateX: moved(by: (argument, 0))
    case .translateY: moved(by: (0, argument))
    case .cutout: Self.cut(image, half: Int(argument), place: place)
    }
  }

  /// A grey square that lies wholly inside; an image that has no room for one stays as it is, where the original fails.
  private static func cut(_ image: ImageBuffer, half: Int, place: (x: Double, y: Double)) -> ImageBuffer {
    let (columns, rows) = (image.width - 2 * half, image.height - 2 * half)
    guard half > 0, columns > 0, rows > 0 else { return image }
    let left = min(columns - 1, Int(place.x * Double(columns)))
    let top = min(rows - 1, Int(place.y * Double(rows)))
    var image = image
    for row in top..<top + 2 * half {
      let start = (row * image.width + left) * 3
      for index in start..<start + 2 * half * 3 { image.pixels[index] = 128 }
    }
    return image
  }
}
