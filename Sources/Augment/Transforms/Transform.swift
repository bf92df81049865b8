public import KeyedRandom

/// A change of an image that may depend on chance. Everything random comes from `random`, whose key is (seed, epoch,
/// sample, index of the transform), so that a sample's pixels don't depend on workers or order.
public protocol Transform: Sendable {
  /// The changed image.
  func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer

  /// The size of the changed image; that of the image unless a transform says otherwise.
  func outputSize(width: Int, height: Int) -> (width: Int, height: Int)
}

extension Transform {
  /// The size of the image.
  public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) { (width, height) }
}
