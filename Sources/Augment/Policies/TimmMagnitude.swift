import KeyedRandom

/// How timm draws the level of an operation.
public struct TimmMagnitude: Sendable, Equatable {
  /// Where the level comes from.
  public enum Noise: Sendable, Equatable {
    /// The level itself.
    case none
    /// A normal distribution of this deviation around the level.
    case normal(deviation: Double)
    /// A uniform distribution from 0 to the level.
    case uniform
  }

  /// The randomness.
  public var noise: Noise
  /// The largest level, 10 unless raised; draws are cut to 0 and this.
  public var maximum: Double

  /// A way to draw levels.
  public init(noise: Noise = .none, maximum: Double = 10) {
    self.noise = noise
    self.maximum = maximum
  }

  func level(around level: Double, random: inout KeyedRandom) -> Double {
    let drawn =
      switch noise {
      case .none: level
      case .normal(let deviation): level + deviation * random.normal()
      case .uniform: random.uniform() * level
      }
    return max(0, min(drawn, maximum))
  }
}
