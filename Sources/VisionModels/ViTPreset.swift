public import Preprocessing

/// A model that has a name: its shape, and how its published weights expect images.
public struct ViTPreset: Sendable {
  /// timm's name where timm has the model.
  public let name: String
  /// The shape, for 1000 classes unless the name is one of a small-image model.
  public let config: ViTConfig
  /// What the published weights were trained with; the default for new ones.
  public let preprocessing: ImagePreprocessing
}
