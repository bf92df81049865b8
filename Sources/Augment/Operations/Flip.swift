import Settings

/// Left and right exchanged, with the given probability.
public struct HorizontalFlip: PixelTransform {
  /// How often.
  public var probability = 0.5

  /// The defaults.
  public init() {}

  /// The mirror image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.mirrored() }
}

/// Above and below exchanged, with the given probability.
public struct VerticalFlip: PixelTransform {
  /// How often.
  public var probability = 0.5

  /// The defaults.
  public init() {}

  /// The image upside down.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.mirroredVertically() }
}

extension ImageBuffer {
  /// The image with left and right exchanged.
  public func mirrored() -> ImageBuffer {
    pixels.withUnsafeBufferPointer { source in
      ImageBuffer(width: width, height: height) { target in
        for row in 0..<height {
          let start = row * width * 3
          Self.mirror(source.baseAddress! + start, width: width, into: target.baseAddress! + start)
        }
      }
    }
  }

  /// Writes a row of RGB pixels from right to left.
  static func mirror(_ row: UnsafePointer<UInt8>, width: Int, into out: UnsafeMutablePointer<UInt8>) {
    var from = row + width * 3
    var to = out
    for _ in 0..<width {
      from -= 3
      (to[0], to[1], to[2]) = (from[0], from[1], from[2])
      to += 3
    }
  }

  /// The image with above and below exchanged.
  public func mirroredVertically() -> ImageBuffer {
    let rowSize = width * 3
    return rewritten { samples, out, count in
      for row in 0..<height {
        (out + row * rowSize).update(from: samples + count - (row + 1) * rowSize, count: rowSize)
      }
    }
  }
}
