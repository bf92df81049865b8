public import Settings

/// Every sample multiplied: Pillow's `ImageEnhance.Brightness`.
public struct Brightness: PixelTransform {
  /// 0 is black, 1 changes nothing.
  public var factor = 1.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("factor", factor, in: -100...100) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.brightness(factor) }
}

extension ImageBuffer {
  /// Every sample times a factor: 0 is black, 1 this image; Pillow's `ImageEnhance.Brightness`. The factor must be
  /// finite.
  public func brightness(_ factor: Double) -> ImageBuffer {
    let blending = Blending(factor: factor)
    if factor == 1 { return self }
    return LookupTable { blending(0, $0) }.apply(self)
  }
}
