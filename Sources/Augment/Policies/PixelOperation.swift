/// One operation on an image with its arguments: what a policy has drawn. Names are those of torchvision's and timm's
/// policies.
public enum PixelOperation: Sendable, Equatable {
  /// Nothing.
  case identity
  /// Each channel stretched to 0...255.
  case autoContrast
  /// Each channel's histogram flattened.
  case equalize
  /// 255 - sample.
  case invert
  /// The luma in all three channels.
  case grayscale
  /// Only the given number of high bits, 0 to 8, kept.
  case posterize(bits: Int)
  /// Samples from the threshold on inverted.
  case solarize(threshold: Double)
  /// The number added to samples below the threshold.
  case solarizeAdd(Int, threshold: Int)
  /// Blended with its luma: 0 is grey, 1 the image itself, more is more colourful.
  case color(Double)
  /// Blended with its mean luma.
  case contrast(Double)
  /// Multiplied.
  case brightness(Double)
  /// Blended with a smoothed image: 0 is smooth, 1 the image itself, more is sharper.
  case sharpness(Double)
  /// The hue moved on, in whole turns.
  case hue(Double)
  /// Pillow's Gaussian blur.
  case gaussianBlur(radius: Double)
  /// Pixel (x, y) shows the source's (x + factor * y, y).
  case shearX(Double)
  /// Pixel (x, y) shows the source's (x, y + factor * x).
  case shearY(Double)
  /// Moved to the right by a number of pixels.
  case translateX(Double)
  /// Moved down by a number of pixels.
  case translateY(Double)
  /// Turned counter-clockwise about the centre.
  case rotate(degrees: Double)
}
