public import KeyedRandom
public import Settings

/// Samples from a threshold on inverted, with the given probability: torchvision's `RandomSolarize`.
public struct RandomSolarize: DrawnTransform {
  /// The smallest sample that is inverted, 0 to 256.
  public var threshold: Int
  /// How often.
  public var probability: Double

  /// A transform with the given probability.
  public init(threshold: Int = 128, probability: Double = 0.5) {
    self.threshold = threshold
    self.probability = probability
  }

  /// Whether the image is solarized.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Bool {
    random.bool(probability: probability)
  }

  /// The solarized image, or the image.
  public func apply(_ draw: Bool, to image: ImageBuffer) -> ImageBuffer {
    draw ? image.solarized(threshold: threshold) : image
  }
}

extension RandomSolarize {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The smallest sample that is inverted.
    public var threshold = 128
    /// How often.
    public var probability = 0.5

    /// The middle, every other time.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("threshold", threshold, in: 0...256)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform { RandomSolarize(threshold: threshold, probability: probability) }
  }
}
