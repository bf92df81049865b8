public import KeyedRandom
public import Settings

/// Pillow's Gaussian blur of a random radius, with the given probability, as DeiT III's code has it.
public struct RandomGaussianBlur: DrawnTransform {
  /// The range of the radius, in pixels.
  public var radius: ClosedRange<Double>
  /// How often.
  public var probability: Double

  /// A blur with the given probability.
  public init(radius: ClosedRange<Double> = 0.1...2, probability: Double = 0.5) {
    precondition(radius.lowerBound >= 0, "a radius must not be negative, got \(radius)")
    self.radius = radius
    self.probability = probability
  }

  /// The radius, or nil where the image stays as it is.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Double? {
    random.bool(probability: probability) ? random.uniform(in: radius) : nil
  }

  /// The blurred image, or the image.
  public func apply(_ draw: Double?, to image: ImageBuffer) -> ImageBuffer {
    draw.map { image.gaussianBlurred(radius: $0) } ?? image
  }
}

extension RandomGaussianBlur {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The smallest radius, in pixels.
    public var minimumRadius = 0.1
    /// The largest radius.
    public var maximumRadius = 2.0
    /// How often.
    public var probability = 0.5

    /// The radii of DeiT III, every other time.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("minimum_radius", minimumRadius, in: 0...1000)
      issues.check("maximum_radius", maximumRadius, in: 0...1000)
      issues.check(
        minimumRadius <= maximumRadius, "minimum_radius", found: minimumRadius,
        "at most maximum_radius (\(maximumRadius))", related: ["maximum_radius"])
      issues.check("probability", probability, in: 0...1)
    }

    /// The blur.
    public func makeTransform() -> any Transform {
      RandomGaussianBlur(radius: minimumRadius...maximumRadius, probability: probability)
    }
  }
}
