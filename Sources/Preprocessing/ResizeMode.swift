/// How an image is brought to the size from which the centre is cropped.
public enum ResizeMode: String, Codable, Sendable, CaseIterable {
  /// The short side becomes the target, the aspect ratio is kept.
  case shortSide = "short_side"
  /// Both sides become the target, the aspect ratio is given up.
  case squash
}
