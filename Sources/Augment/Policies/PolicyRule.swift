/// A line of an AutoAugment policy: an operation, how often, how strong.
public struct PolicyRule<Kind: Sendable & Equatable>: Sendable, Equatable {
  /// The operation.
  public var kind: Kind
  /// How often it is applied.
  public var probability: Double
  /// The magnitude, 0 to 10; nil where the operation has none.
  public var magnitude: Int?

  /// A rule from its parts.
  public static func rule(_ kind: Kind, _ probability: Double, _ magnitude: Int? = nil) -> PolicyRule {
    PolicyRule(kind: kind, probability: probability, magnitude: magnitude)
  }
}
