extension ImageBuffer {
  /// The saturation changed: 0 is grey, 1 this image, above 1 more colourful; Pillow's `ImageEnhance.Color`. The factor
  /// must be finite.
  public func color(_ factor: Double) -> ImageBuffer { grayscale().blended(with: self, factor) }
}
