public import KeyedRandom
public import Settings

/// The saturation changed: Pillow's `ImageEnhance.Color`.
public struct Color: Transform {
  /// 0 is grey, 1 changes nothing.
  public var factor: Double
  /// How often.
  public var probability: Double

  /// The transform with the given numbers.
  public init(factor: Double = 1, probability: Double = 1) {
    self.factor = factor
    self.probability = probability
  }

  /// The changed image; only whether it is changed is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    return image.color(factor)
  }
}

extension Color {
  /// What a user sets of it.
  public struct Options: TransformOptions {
    /// 0 is grey, 1 changes nothing.
    public var factor = 1.0
    /// How often.
    public var probability = 1.0

    /// The defaults.
    public init() {}

    /// Reports numbers that make no sense, and those that are not finite.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("factor", factor, in: -100...100)
      issues.check("probability", probability, in: 0...1)
    }

    /// The transform.
    public func makeTransform() -> any Transform {
      Color(factor: factor, probability: probability)
    }
  }
}

extension ImageBuffer {
  /// The saturation changed: 0 is grey, 1 this image, above 1 more colourful; Pillow's `ImageEnhance.Color`. The factor
  /// must be finite.
  public func color(_ factor: Double) -> ImageBuffer {
    let blending = Blending(factor: factor)
    if factor == 1 { return self }
    // Grey is made for a piece at a time, so that it stays near to the processor.
    let pieceSize = 3 * 1024
    return rewritten { samples, out, count in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pieceSize) { grey in
        for start in stride(from: 0, to: count, by: pieceSize) {
          let size = min(pieceSize, count - start)
          writeLuma(of: samples + start, count: size, into: grey.baseAddress!)
          blending.write(grey.baseAddress!, samples + start, into: out + start, count: size)
        }
      }
    }
  }
}
