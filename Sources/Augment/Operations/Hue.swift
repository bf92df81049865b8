public import KeyedRandom
public import Settings

/// The hue turned by a part of the circle: torchvision's `adjust_hue`.
public struct Hue: Transform {
  /// The part of the circle, -0.5 to 0.5.
  public var amount: Double
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(amount: Double = 0, probability: Double = 1) {
    self.amount = amount
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.hueShifted(by: amount)
  }
}

extension Hue {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The part of the circle, -0.5 to 0.5.
    public var amount = 0.0
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("amount", amount, in: -0.5...0.5)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Hue(amount: amount, probability: probability)
    }
  }
}
