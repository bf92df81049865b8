public import Preprocessing
public import VisionModels

/// Everything about a classifier but its weights: kept in every checkpoint, so that predicting needs nothing else.
public struct ModelDescription: Codable, Sendable, Equatable {
  /// The preset that it was made from.
  public var name: String
  /// Its shape, with all changes to the preset.
  public var config: ViTConfig
  /// The class names by index.
  public var classes: [String]
  /// What it expects of an image.
  public var preprocessing: ImagePreprocessing

  /// A description from its parts.
  public init(name: String, config: ViTConfig, classes: [String], preprocessing: ImagePreprocessing) {
    self.name = name
    self.config = config
    self.classes = classes
    self.preprocessing = preprocessing
  }
}
