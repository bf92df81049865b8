/// What part of an image a model is trained on, at the model's input size.
public enum TrainCrop: Sendable, Equatable {
  /// A random part, resized: ImageNet's way.
  case randomResized(SourceCrop)
  /// The image resized to the input's short side where it isn't of that size, then a rectangle at a random place, which
  /// reaches up to `padding` pixels beyond the border: CIFAR's way, and with reflection the simple crop of DeiT III.
  case random(padding: Int, mode: PaddingMode)
  /// The middle, as in evaluation.
  case center
  /// The whole image, squashed to the input's aspect ratio.
  case none
}
