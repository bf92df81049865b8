import Settings

/// The luma in all three channels: torchvision's `Grayscale(3)`.
public struct Grayscale: PixelTransform {
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.grayscale() }
}

/// The same, now and then: torchvision's `RandomGrayscale`.
public struct RandomGrayscale: PixelTransform {
  /// How often.
  public var probability = 0.1

  /// The defaults.
  public init() {}

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.grayscale() }
}

extension ImageBuffer {
  /// The luma in all three channels: Pillow's `convert("L")`, three times.
  public func grayscale() -> ImageBuffer {
    rewritten { samples, out, count in writeLuma(of: samples, count: count, into: out) }
  }
}

/// ITU-R 601 luma as Pillow rounds it: 0.299 red, 0.587 green and 0.114 blue in 16 bits of fraction.
@inline(__always)
func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  UInt8(truncatingIfNeeded: (UInt32(red) &* 19595 &+ UInt32(green) &* 38470 &+ UInt32(blue) &* 7471 &+ 0x8000) &>> 16)
}

/// The luma of each pixel of `count` samples, three times.
func writeLuma(of samples: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>) {
  for index in stride(from: 0, to: count, by: 3) {
    let value = luma(samples[index], samples[index + 1], samples[index + 2])
    out[index] = value
    out[index + 1] = value
    out[index + 2] = value
  }
}
