public import Settings

/// The distance from the mean luma changed: Pillow's `ImageEnhance.Contrast`.
public struct Contrast: PixelTransform {
  /// 0 is grey, 1 changes nothing.
  public var factor = 1.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("factor", factor, in: -100...100) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.contrast(factor) }
}

extension ImageBuffer {
  /// The distance of every sample from the mean luma changed: 0 is grey, 1 this image, above 1 more contrast; Pillow's
  /// `ImageEnhance.Contrast`. The factor must be finite.
  public func contrast(_ factor: Double) -> ImageBuffer {
    let blending = Blending(factor: factor)
    if factor == 1 { return self }
    let mean = meanLuma
    return LookupTable { blending(mean, $0) }.apply(self)
  }

  /// The mean of the rounded luma of all pixels, rounded.
  private var meanLuma: UInt8 {
    let numPixels = width * height
    let sum = pixels.withUnsafeBufferPointer { samples in
      var sum = 0
      for index in stride(from: 0, to: samples.count, by: 3) {
        sum &+= Int(luma(samples[index], samples[index + 1], samples[index + 2]))
      }
      return sum
    }
    return UInt8(Double(sum) / Double(numPixels) + 0.5)
  }
}
