/// Makes the linear layers of a model. A model asks its factory, so that one written for a single device can be spread
/// over several by another factory, without an `if` in the model.
public protocol LayerFactory {
  /// A layer from `inFeatures` to `outFeatures`, whose weights an initializer fills later.
  func linear(_ inFeatures: Int, _ outFeatures: Int, bias: Bool, role: LinearRole) -> any LinearLayer
}

/// What a linear layer does in a transformer block, which decides how it may be split.
public enum LinearRole: Sendable {
  /// Produces queries, keys and values; can be split by head.
  case queryKeyValue
  /// Joins the heads; takes what `queryKeyValue` was split into.
  case attentionOutput
  /// Widens to the hidden features; can be split by feature.
  case feedForwardIn
  /// Narrows from the hidden features; takes what `feedForwardIn` was split into.
  case feedForwardOut
}

/// Makes whole layers, for one device.
public struct WholeLayers: LayerFactory {
  /// The only instance there is need for.
  public init() {}

  /// A `Linear`.
  public func linear(_ inFeatures: Int, _ outFeatures: Int, bias: Bool, role: LinearRole) -> any LinearLayer {
    Linear(inFeatures, outFeatures, bias: bias)
  }
}
