public import KeyedRandom
public import Settings

/// The luma in all three channels, with the given probability: torchvision's `RandomGrayscale`.
public struct RandomGrayscale: DrawnTransform {
  /// How often.
  public var probability: Double

  /// A transform with the given probability.
  public init(probability: Double = 0.1) { self.probability = probability }

  /// Whether the image becomes grey.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Bool {
    random.bool(probability: probability)
  }

  /// The grey image, or the image.
  public func apply(_ draw: Bool, to image: ImageBuffer) -> ImageBuffer { draw ? image.grayscale() : image }
}

extension RandomGrayscale {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 0.1

    /// torchvision's default.
    public init() {}

    /// Reports a probability outside of 0 to 1.
    public func validate(_ issues: inout IssueCollector) { issues.check("probability", probability, in: 0...1) }

    /// The transform.
    public func makeTransform() -> any Transform { RandomGrayscale(probability: probability) }
  }
}
