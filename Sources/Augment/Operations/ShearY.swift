public import KeyedRandom
public import Preprocessing
public import Settings

/// Columns moved against each other, the first one staying.
public struct ShearY: Transform {
  /// Rows a column; what is to the right moves up.
  public var factor: Double
  /// Nearest, bilinear or bicubic.
  public var interpolation: Interpolation
  /// The colour of what lies outside: grey, or red, green and blue.
  public var fill: ScalarOrList<Int>
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(
    factor: Double = 0, interpolation: Interpolation = .nearest, fill: ScalarOrList<Int> = .scalar(0),
    probability: Double = 1
  ) {
    self.factor = factor
    self.interpolation = interpolation
    self.fill = fill
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.sheared(y: factor, interpolation: interpolation, fill: fill.color)
  }
}

extension ShearY {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// Rows a column; what is to the right moves up.
    public var factor = 0.0
    /// Nearest, bilinear or bicubic.
    public var interpolation = Interpolation.nearest
    /// The colour of what lies outside: grey, or red, green and blue.
    public var fill = ScalarOrList<Int>.scalar(0)
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("factor", factor, in: -1000...1000)
      issues.checkPointwise(interpolation)
      issues.checkFill(fill)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      ShearY(factor: factor, interpolation: interpolation, fill: fill, probability: probability)
    }
  }
}
