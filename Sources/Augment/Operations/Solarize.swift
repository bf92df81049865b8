public import KeyedRandom
public import Settings

/// Samples from a threshold on inverted: Pillow's `ImageOps.solarize`.
public struct Solarize: Transform {
  /// The smallest sample that is inverted, 0 to 256.
  public var threshold: Int
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(threshold: Int = 128, probability: Double = 1) {
    self.threshold = threshold
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.solarized(threshold: threshold)
  }
}

extension Solarize {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The smallest sample that is inverted, 0 to 256.
    public var threshold = 128
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("threshold", threshold, in: 0...256)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Solarize(threshold: threshold, probability: probability)
    }
  }
}

extension ImageBuffer {
  /// Samples from `threshold` (0 to 256) on inverted: Pillow's `ImageOps.solarize`. A threshold that is no whole number
  /// is to be rounded up.
  public func solarized(threshold: Int) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    if threshold == 256 { return self }
    let threshold = UInt8(threshold)
    return rewritten { samples, out, count in
      for index in 0..<count {
        let sample = samples[index]
        out[index] = sample < threshold ? sample : ~sample
      }
    }
  }
}
