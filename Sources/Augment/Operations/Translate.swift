public import Preprocessing
public import Settings

/// A move to the side (`TranslateX`) or up or down (`TranslateY`).
public struct Translate<Axis: ImageAxis>: PixelTransform {
  /// How far to the right, or down.
  public var pixels = 0.0
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.nearest
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) {
    issues.check("pixels", pixels, in: -1e6...1e6)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// The moved image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer {
    let distance = Axis.move(pixels)
    return image.translated(x: distance.x, y: distance.y, interpolation: interpolation, fill: fill.color)
  }
}

/// A move by a part of the image's width (`TranslateXRel`) or height (`TranslateYRel`).
public struct TranslateRel<Axis: ImageAxis>: PixelTransform {
  /// How far to the right, or down.
  public var fraction = 0.0
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.nearest
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) {
    issues.check("fraction", fraction, in: -1000...1000)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// The moved image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer {
    let part = Axis.move(fraction)
    return image.translated(
      x: part.x * Double(image.width), y: part.y * Double(image.height), interpolation: interpolation, fill: fill.color)
  }
}

extension ImageBuffer {
  /// Moved to the right by `x` pixels and down by `y`, as torchvision's `affine(translate=)`. timm's operations
  /// `translate_x_abs` and `translate_y_abs` move the other way: give them the negative. The numbers must be finite.
  public func translated(
    x: Double = 0, y: Double = 0, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(AffineMatrix(1, 0, -x, 0, 1, -y), interpolation: interpolation, fill: fill)
  }
}
