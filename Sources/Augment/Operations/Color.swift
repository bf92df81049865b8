public import Settings

/// The saturation changed: Pillow's `ImageEnhance.Color`.
public struct Color: PixelTransform {
  /// 0 is grey, 1 changes nothing.
  public var factor = 1.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("factor", factor, in: -100...100) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.color(factor) }
}

/// A part of the saturation taken away: timm's `desaturate`.
public struct Desaturate: PixelTransform {
  /// The part; 0 changes nothing, 1 is grey.
  public var amount = 1.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("amount", amount, in: 0...1) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.desaturated(amount) }
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

  /// A part (0 to 1) of the saturation taken away: timm's `desaturate`.
  public func desaturated(_ amount: Double) -> ImageBuffer {
    precondition(amount >= 0 && amount <= 1, "a part lies between 0 and 1, got \(amount)")
    return color(1 - amount)
  }
}
