import KeyedRandom

/// Normally distributed numbers at a few processor cycles each: 16 random bits choose one of 65,536 equally likely
/// quantiles, so that the largest is 4.2 and the deviation differs from 1 by less than 0.001.
struct NormalNoise {
  private var random: KeyedRandom

  /// The numbers that follow from a key.
  init(key: Int) { random = KeyedRandom(seed: UInt64(bitPattern: Int64(key))) }

  /// Writes the next numbers.
  mutating func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    Self.quantiles.withUnsafeBufferPointer { quantiles in
      var index = 0
      while index < values.count {
        var bits = random.next()
        for _ in 0..<min(4, values.count - index) {
          values[index] = quantiles[Int(bits & 0xFFFF)]
          bits >>= 16
          index += 1
        }
      }
    }
  }

  /// The quantiles of (k + 1/2) / 65536, by Newton's method from the middle outwards.
  static let quantiles: [Float] = {
    let half = 32768
    var table = [Float](repeating: 0, count: 2 * half)
    var x = 0.0
    for step in 0..<half {
      let target = (Double(step) + 0.5) / Double(2 * half)
      for _ in 0..<4 { x -= (areaFromZero(x) - target) / density(x) }
      table[half + step] = Float(x)
      table[half - 1 - step] = -Float(x)
    }
    return table
  }()

  private static func density(_ x: Double) -> Double {
    0.3989422804014327 * DeterministicMath.exp(-x * x / 2)
  }

  /// The area under the density from 0 to x: density(x) (x + x^3 / 3 + x^5 / (3 5) + ...).
  private static func areaFromZero(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    var divisor = 3.0
    while term > 1e-17 * sum {
      term *= x * x / divisor
      divisor += 2
      sum += term
    }
    return density(x) * sum
  }
}
