public import KeyedRandom
public import Preprocessing
public import Settings

/// A turn about the centre: Pillow's `rotate`.
public struct Rotate: Transform {
  /// The angle, counterclockwise.
  public var degrees: Double
  /// Nearest, bilinear or bicubic.
  public var interpolation: Interpolation
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill: ScalarOrList<Int>
  /// Whether the output grows so that all of the image is seen.
  public var expand: Bool
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(
    degrees: Double = 0, interpolation: Interpolation = .nearest, fill: ScalarOrList<Int> = .scalar(0),
    expand: Bool = false, probability: Double = 1
  ) {
    self.degrees = degrees
    self.interpolation = interpolation
    self.fill = fill
    self.expand = expand
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.rotated(degrees: degrees, interpolation: interpolation, fill: fill.color, expand: expand)
  }

  /// The size of the image, or of the image that holds all of it.
  public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) {
    if !expand { return (width, height) }
    let image = ImageBuffer(width: width, height: height).rotated(degrees: degrees, expand: true)
    return (image.width, image.height)
  }
}

extension Rotate {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The angle, counterclockwise.
    public var degrees = 0.0
    /// Nearest, bilinear or bicubic.
    public var interpolation = Interpolation.nearest
    /// The colour of what lies outside: grey, or red, green and blue.
    public var fill = ScalarOrList<Int>.scalar(0)
    /// Whether the output grows so that all of the image is seen.
    public var expand = false
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("degrees", degrees, in: -1e6...1e6)
      issues.checkPointwise(interpolation)
      issues.checkFill(fill)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Rotate(degrees: degrees, interpolation: interpolation, fill: fill, expand: expand, probability: probability)
    }
  }
}
