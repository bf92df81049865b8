public import Preprocessing
public import Settings

/// Along which axis of an image pixels move.
public protocol ImageAxis: Sendable {
  /// A move by an amount, to the right and down.
  static func move(_ amount: Double) -> (x: Double, y: Double)
}

/// The columns' axis.
public enum Horizontal: ImageAxis {
  /// A move to the right.
  public static func move(_ amount: Double) -> (x: Double, y: Double) { (amount, 0) }
}

/// The rows' axis.
public enum Vertical: ImageAxis {
  /// A move down.
  public static func move(_ amount: Double) -> (x: Double, y: Double) { (0, amount) }
}

/// Rows (`ShearX`) or columns (`ShearY`) moved against each other, the first one staying.
public struct Shear<Axis: ImageAxis>: PixelTransform {
  /// Columns a row, or rows a column; what is below moves to the left, what is to the right up.
  public var factor = 0.0
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
    issues.check("factor", factor, in: -1000...1000)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// The sheared image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer {
    let amount = Axis.move(factor)
    return image.sheared(x: amount.x, y: amount.y, interpolation: interpolation, fill: fill.color)
  }
}

extension ImageBuffer {
  /// Pixel (column, row) shows this image's (column + `x` * row, row + `y` * column), counted from the upper left corner:
  /// Pillow's `transform(AFFINE, (1, x, 0, y, 1, 0))`, which with one of the two is also torchvision's shear about (0, 0).
  /// The numbers must be finite.
  public func sheared(
    x: Double = 0, y: Double = 0, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(AffineMatrix(1, x, 0, y, 1, 0), interpolation: interpolation, fill: fill)
  }
}
