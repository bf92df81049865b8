public import KeyedRandom
public import Settings

/// Every sample subtracted from 255: Pillow's `ImageOps.invert`.
public struct Invert: Transform {
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(probability: Double = 1) {
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.inverted()
  }
}

extension Invert {
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
      Invert(probability: probability)
    }
  }
}

extension ImageBuffer {
  /// 255 minus each sample: Pillow's `ImageOps.invert`.
  public func inverted() -> ImageBuffer {
    rewritten { samples, out, count in
      for index in 0..<count { out[index] = ~samples[index] }
    }
  }
}
