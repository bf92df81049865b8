// What the painters of the flowers set ask of a keyed generator, in single precision and without libm, so that an
// image is the same on every platform.

import KeyedRandom

/// A random stream for the composition of one image.
struct SceneRandom {
  private var keyed: KeyedRandom

  /// The stream of image `index` of the set with this seed.
  init(seed: UInt64, index: Int) {
    keyed = KeyedRandom(seed: seed, index)
  }

  /// Uniform in `low..<high`.
  mutating func between(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * Float(keyed.uniform())
  }

  /// True with this probability.
  mutating func chance(_ probability: Float) -> Bool {
    between(0, 1) < probability
  }

  /// Uniform in `low...high`.
  mutating func integer(_ low: Int, _ high: Int) -> Int {
    low + keyed.integer(below: high - low + 1)
  }

  /// A point of -1...1 with a peak at zero (triangular).
  mutating func peaked() -> Float {
    between(-0.5, 0.5) + between(-0.5, 0.5)
  }

  /// An index drawn with these weights.
  mutating func index(weights: [Float]) -> Int {
    var rest = between(0, weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }

  /// A seed for a generator of another kind.
  mutating func word() -> UInt32 {
    UInt32(keyed.integer(below: 1 << 32))
  }
}
