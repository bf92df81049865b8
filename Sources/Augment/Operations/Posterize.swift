public import KeyedRandom
public import Settings

/// The upper bits of every sample: Pillow's `ImageOps.posterize`.
public struct Posterize: Transform {
  /// How many bits stay, 0 to 8.
  public var bits: Int
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(bits: Int = 4, probability: Double = 1) {
    self.bits = bits
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.posterized(bits: bits)
  }
}

extension Posterize {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// How many bits stay, 0 to 8.
    public var bits = 4
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("bits", bits, in: 0...8)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Posterize(bits: bits, probability: probability)
    }
  }
}

extension ImageBuffer {
  /// The upper `bits` bits (0 to 8) of each sample: Pillow's `ImageOps.posterize`.
  public func posterized(bits: Int) -> ImageBuffer {
    precondition((0...8).contains(bits), "a sample has 0 to 8 bits, got \(bits)")
    if bits == 8 { return self }
    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
    return rewritten { samples, out, count in
      for index in 0..<count { out[index] = samples[index] & mask }
    }
  }
}
