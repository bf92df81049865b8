public import Dataset

/// What a model sees in an image.
public struct ImagePrediction: Sendable, Equatable {
  /// One class and how sure the model is.
  public struct Guess: Sendable, Equatable {
    /// The class's name.
    public let name: String
    /// The class's index.
    public let index: Int
    /// From 0 to 1; all classes of an image add up to 1.
    public let probability: Double
  }

  /// The image's file.
  public let file: BytePath
  /// The best guesses, the surest first.
  public let guesses: [Guess]
  /// The logits of all classes, in class order.
  public let logits: [Float]
}
