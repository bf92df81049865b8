public import KeyedRandom
public import Preprocessing
public import Settings

/// A turn about the centre by a random angle: torchvision's `RandomRotation`.
public struct RandomRotation: DrawnTransform, TransformOptions {
  /// The angle in degrees, counterclockwise: up to so many either way, or between two numbers.
  public var degrees = ScalarOrList<Double>.scalar(10)
  /// Nearest, bilinear or bicubic.
  public var interpolation = Interpolation.nearest
  /// Whether the output grows so that all of the image is seen; the size then depends on the angle.
  public var expand = false
  /// The column and row that stay, in pixels from the upper left corner; the middle if left out.
  public var center: [Double]?
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)

  /// Up to ten degrees; torchvision has no default.
  public init() {}

  /// Reports angles that are no range, and what is no filter, point or colour.
  public func validate(_ issues: inout IssueCollector) {
    issues.checkAmount("degrees", degrees, upTo: 1e6)
    issues.checkPointwise(interpolation)
    issues.checkPoint("center", center)
    issues.checkFill(fill)
  }

  /// The angle.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Double {
    random.uniform(in: degrees.eitherWay)
  }

  /// The turned image.
  public func apply(_ draw: Double, to image: ImageBuffer) -> ImageBuffer {
    image.rotated(
      degrees: draw, interpolation: interpolation, fill: fill.color, expand: expand,
      center: center.map { ($0[0], $0[1]) })
  }

  /// The size of the image; with `expand` known only where the angle is.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    guard expand else { return size }
    let angles = degrees.eitherWay
    guard angles.lowerBound == angles.upperBound, let size else { return nil }
    return Rotation(
      degrees: angles.lowerBound, of: size, expand: true, center: center.map { ($0[0], $0[1]) }
    ).size
  }
}
