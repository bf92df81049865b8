public import Settings

/// The upper bits of every sample: Pillow's `ImageOps.posterize`.
public struct Posterize: PixelTransform {
  /// How many bits stay, 0 to 8.
  public var bits = 4
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("bits", bits, in: 0...8) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.posterized(bits: bits) }
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
