public import KeyedRandom

/// A transform that draws once for all images of a batch. The loader asks for the batch's own before the first sample.
public protocol BatchTransform: Transform {
  /// The transform of one batch. `random` is keyed by (seed, epoch, batch, index of the transform).
  func forBatch(random: inout KeyedRandom) -> any Transform
}
