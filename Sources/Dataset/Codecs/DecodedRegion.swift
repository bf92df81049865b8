public import Augment

/// Decoded pixels, and where among them the wanted rectangle lies: the whole image when it was decoded in full size, a
/// part with fractional borders when it was decoded at a half, a quarter or an eighth of it.
public struct DecodedRegion: Sendable {
  /// The pixels, oriented.
  public var image: ImageBuffer
  /// The wanted rectangle in the coordinates of `image`.
  public var box: ResampleBox
}
