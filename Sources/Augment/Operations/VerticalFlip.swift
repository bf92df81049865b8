public import KeyedRandom
public import Settings

/// Above and below exchanged, with the given probability.
public struct VerticalFlip: Transform {
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(probability: Double = 0.5) {
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.mirroredVertically()
  }
}

extension VerticalFlip {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How often.
    public var probability = 0.5

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      VerticalFlip(probability: probability)
    }
  }
}

extension ImageBuffer {
  /// The image with above and below exchanged.
  public func mirroredVertically() -> ImageBuffer {
    let rowSize = width * 3
    return rewritten { samples, out, count in
      for row in 0..<height {
        (out + row * rowSize).update(from: samples + count - (row + 1) * rowSize, count: rowSize)
      }
    }
  }
}
