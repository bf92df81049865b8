import CPixels

/// The way from one sample to another, rounded towards zero: Pillow's `Image.blend`, in float32.
struct Blending {
  private let factor: Float

  /// 0 is the first image, 1 the second; outside of that the difference is exaggerated.
  init(factor: Double) {
    precondition(factor.isFinite, "a factor must be a finite number, got \(factor)")
    // Beyond a million every difference ends at 0 or 255 anyway.
    self.factor = Float(max(-1e6, min(1e6, factor)))
  }

  /// The sample on the way from `a` to `b`.
  @inline(__always)
  func callAsFunction(_ a: UInt8, _ b: UInt8) -> UInt8 {
    let start = Float(a)
    return UInt8(min(max(start + factor * (Float(b) - start), 0), 255))
  }

  /// `count` samples on the way from `a` to `b`.
  func write(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, into out: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    cpixels_blend(a, b, factor, count, out)
  }
}

extension ImageBuffer {
  /// This image with a factor of 0, the other (of the same size) with a factor of 1, a mix between, and beyond an
  /// exaggeration: Pillow's `Image.blend(self, other, factor)`. The factor must be finite.
  public func blended(with other: ImageBuffer, _ factor: Double) -> ImageBuffer {
    precondition(
      width == other.width && height == other.height, "\(self) and \(other) differ in size, so they cannot be blended")
    let blending = Blending(factor: factor)
    if factor == 0 { return self }
    if factor == 1 { return other }
    return other.pixels.withUnsafeBufferPointer { other in
      rewritten { samples, out, count in blending.write(samples, other.baseAddress!, into: out, count: count) }
    }
  }
}
