public import Settings

/// The distance from the smoothed image changed: Pillow's `ImageEnhance.Sharpness`.
public struct Sharpness: PixelTransform {
  /// 0 is smooth, 1 changes nothing.
  public var factor = 1.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("factor", factor, in: -100...100) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.sharpness(factor) }
}

extension ImageBuffer {
  /// The distance from the smoothed image changed: 0 is smooth, 1 this image, above 1 sharper; Pillow's
  /// `ImageEnhance.Sharpness`. The factor must be finite.
  public func sharpness(_ factor: Double) -> ImageBuffer {
    let blending = Blending(factor: factor)
    // The border is not smoothed.
    if factor == 1 || width < 3 || height < 3 { return self }
    let rowSize = width * 3
    return rewritten { samples, out, count in
      out.update(from: samples, count: rowSize)
      (out + count - rowSize).update(from: samples + count - rowSize, count: rowSize)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rowSize) { smooth in
        for row in 1..<height - 1 {
          let place = row * rowSize
          Self.smooth(samples + place, rowSize: rowSize, into: smooth.baseAddress!)
          blending.write(smooth.baseAddress!, samples + place, into: out + place, count: rowSize)
        }
      }
    }
  }

  /// The mean of each sample of a row (five times) and its eight neighbours, the ends unchanged: Pillow's
  /// `ImageFilter.SMOOTH`.
  private static func smooth(
    _ middle: UnsafePointer<UInt8>, rowSize: Int, into out: UnsafeMutablePointer<UInt8>
  ) {
    let (above, below) = (middle - rowSize, middle + rowSize)
    for index in 0..<3 { out[index] = middle[index] }
    for index in rowSize - 3..<rowSize { out[index] = middle[index] }
    for index in 3..<rowSize - 3 {
      let left = UInt16(above[index - 3]) &+ UInt16(middle[index - 3]) &+ UInt16(below[index - 3])
      let right = UInt16(above[index + 3]) &+ UInt16(middle[index + 3]) &+ UInt16(below[index + 3])
      let centre = UInt16(above[index]) &+ 5 &* UInt16(middle[index]) &+ UInt16(below[index])
      // A thirteenth, rounded; as a product it is exact up to 6553.
      let rounded = (UInt32(left &+ centre &+ right &+ 6) &* 5042) &>> 16
      out[index] = UInt8(truncatingIfNeeded: rounded)
    }
  }
}
