import Settings

/// Every sample subtracted from 255: Pillow's `ImageOps.invert`.
public struct Invert: PixelTransform {
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.inverted() }
}

extension ImageBuffer {
  /// 255 minus each sample: Pillow's `ImageOps.invert`.
  public func inverted() -> ImageBuffer {
    rewritten { samples, out, count in
      for index in 0..<count { out[index] = ~samples[index] }
    }
  }
}
