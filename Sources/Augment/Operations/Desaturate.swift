public import KeyedRandom
public import Settings

/// A part of the saturation taken away: timm's `desaturate`.
public struct Desaturate: Transform {
  /// The part; 0 changes nothing, 1 is grey.
  public var amount: Double
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(amount: Double = 1, probability: Double = 1) {
    self.amount = amount
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.desaturated(amount)
  }
}

extension Desaturate {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// The part; 0 changes nothing, 1 is grey.
    public var amount = 1.0
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports parts that are none.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("amount", amount, in: 0...1)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform { Desaturate(amount: amount, probability: probability) }
  }
}

extension ImageBuffer {
  /// A part (0 to 1) of the saturation taken away: timm's `desaturate`.
  public func desaturated(_ amount: Double) -> ImageBuffer {
    precondition(amount >= 0 && amount <= 1, "a part lies between 0 and 1, got \(amount)")
    return color(1 - amount)
  }
}
