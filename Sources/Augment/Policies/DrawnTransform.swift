public import KeyedRandom

/// A random transform in two halves: what will be done is drawn into a plain value, and the value is carried out. So a
/// draw can be looked at, counted, or replaced by one's own.
public protocol DrawnTransform: Transform {
  /// What will be done to an image.
  associatedtype Draw: Sendable & Equatable

  /// Draws what will be done to an image of the given size.
  func draw(width: Int, height: Int, random: inout KeyedRandom) -> Draw

  /// Does it. Nothing here is random.
  func apply(_ draw: Draw, to image: ImageBuffer) -> ImageBuffer
}

extension DrawnTransform {
  /// Draws and applies.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    apply(draw(width: image.width, height: image.height, random: &random), to: image)
  }
}
