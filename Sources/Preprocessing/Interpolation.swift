/// How pixels are interpolated when an image is resized. All but `nearest` are antialiased, as Pillow's are.
public enum Interpolation: String, Codable, Sendable, CaseIterable {
  /// The nearest source pixel.
  case nearest
  /// The triangle filter.
  case bilinear
  /// Keys's cubic filter with a = -0.5.
  case bicubic
  /// The mean of the source pixels under each output pixel.
  case box
  /// Hamming's window times a sinc, of the triangle's width.
  case hamming
  /// Lanczos's filter of three lobes.
  case lanczos

  /// Whether a point between pixels can be interpolated so, as turns and shears need it.
  public var isPointwise: Bool {
    switch self {
    case .nearest, .bilinear, .bicubic: true
    case .box, .hamming, .lanczos: false
    }
  }
}
