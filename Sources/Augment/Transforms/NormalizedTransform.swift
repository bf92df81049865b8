public import KeyedRandom

/// A random change of an image's numbers after normalisation. In a list of transforms those of this kind come last,
/// after the normalisation, in their order.
public protocol NormalizedTransform: Transform {
  /// Changes 3 x height x width numbers in place.
  func apply(_ values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, random: inout KeyedRandom)
}
