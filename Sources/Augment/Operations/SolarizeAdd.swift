public import KeyedRandom
public import Settings

/// A number added to the samples below a threshold: timm's `solarize_add`.
public struct SolarizeAdd: Transform {
  /// What is added.
  public var addition: Int
  /// The smallest sample that stays, 0 to 256.
  public var threshold: Int
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(addition: Int = 0, threshold: Int = 128, probability: Double = 1) {
    self.addition = addition
    self.threshold = threshold
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.solarizedAdd(addition, threshold: threshold)
  }
}

extension SolarizeAdd {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// What is added.
    public var addition = 0
    /// The smallest sample that stays, 0 to 256.
    public var threshold = 128
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("addition", addition, in: -255...255)
      issues.check("threshold", threshold, in: 0...256)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      SolarizeAdd(addition: addition, threshold: threshold, probability: probability)
    }
  }
}

extension ImageBuffer {
  /// `addition` added to the samples below `threshold` (0 to 256), up to 255 and down to 0: timm's `solarize_add`.
  public func solarizedAdd(_ addition: Int, threshold: Int = 128) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    let addition = max(-255, min(255, addition))
    return LookupTable { Int($0) < threshold ? UInt8(max(0, min(255, Int($0) + addition))) : $0 }.apply(self)
  }
}
