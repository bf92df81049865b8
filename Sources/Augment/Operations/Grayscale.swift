public import KeyedRandom
public import Settings

/// The luma in all three channels: torchvision's `Grayscale(3)` and `RandomGrayscale`.
public struct Grayscale: Transform {
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(probability: Double = 1) {
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.grayscale()
  }
}

extension Grayscale {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Grayscale(probability: probability)
    }
  }
}

extension ImageBuffer {
  /// The luma in all three channels: Pillow's `convert("L")`, three times.
  public func grayscale() -> ImageBuffer {
    rewritten { samples, out, count in writeLuma(of: samples, count: count, into: out) }
  }
}
