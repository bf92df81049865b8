public import NN
public import Torch

/// Maps each patch of an image to a token.
public final class PatchEmbedding: Module {
  /// From pixels to features.
  public let projection: PatchConvolution

  /// The embedding that a model's config asks for.
  public init(_ config: ViTConfig) {
    projection = PatchConvolution(
      inChannels: config.inChannels, outChannels: config.embedDim, patchSize: config.patchSize)
  }

  /// [B, channels, H, W] to [B, patches, embedDim], patches in rows from the top left.
  public func callAsFunction(_ images: Tensor) -> Tensor { projection(images) }

  /// Lists `proj`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("proj", projection)
  }
}
