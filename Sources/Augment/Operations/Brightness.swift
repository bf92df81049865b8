extension ImageBuffer {
  /// Every sample times a factor: 0 is black, 1 this image; Pillow's `ImageEnhance.Brightness`. The factor must be
  /// finite.
  public func brightness(_ factor: Double) -> ImageBuffer {
    let blending = Blending(factor: factor)
    if factor == 1 { return self }
    return LookupTable { blending(0, $0) }.apply(self)
  }
}
