/// How pixels are interpolated when an image is resized. `bilinear` and `bicubic` are antialiased, as Pillow's are.
public enum Interpolation: String, Codable, Sendable, CaseIterable {
  /// The nearest source pixel.
  case nearest
  /// The triangle filter.
  case bilinear
  /// Keys's cubic filter with a = -0.5.
  case bicubic
}
