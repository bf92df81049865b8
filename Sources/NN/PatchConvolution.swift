public import Torch

/// A convolution whose stride is its kernel's size: cuts an image into patches and maps each of them linearly. It is
/// computed as a regrouping of pixels and one matrix product. Weight [out, channels, p, p], bias [out].
public final class PatchConvolution: Module {
  /// [out, channels, p, p].
  public var weight: Tensor
  /// [out].
  public var bias: Tensor?

  /// A layer of zeros for patches of `patchSize` by `patchSize` pixels.
  public init(inChannels: Int, outChannels: Int, patchSize: Int, bias: Bool = true) {
    weight = .parameter([outChannels, inChannels, patchSize, patchSize])
    self.bias = bias ? .parameter([outChannels]) : nil
  }

  /// Height and width of a patch.
  public var patchSize: Int { weight.size(2) }

  /// [B, channels, H, W] to [B, H/p * W/p, out], patches in rows from the top left. H and W are multiples of p.
  public func callAsFunction(_ images: Tensor) -> Tensor {
    let patch = patchSize
    requireShape(
      images.ndim == 4 && images.size(1) == weight.size(1) && images.size(2) % patch == 0
        && images.size(3) % patch == 0,
      "images of shape \(images.shape) cannot be cut into patches of \(patch) pixels with \(weight.size(1)) channels")
    let (batch, channels) = (images.size(0), images.size(1))
    let (rows, columns) = (images.size(2) / patch, images.size(3) / patch)
    let patches =
      images
      .reshape([batch, channels, rows, patch, columns, patch])
      .permute([0, 2, 4, 1, 3, 5])
      .reshape([batch, rows * columns, channels * patch * patch])
    return patches.linear(weight.flatten(from: 1), bias: bias)
  }

  /// Lists `weight`, `bias`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }
}
