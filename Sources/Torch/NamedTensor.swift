/// A tensor and its dotted name in a module, such as `blocks.0.attn.qkv.weight`.
public struct NamedTensor {
  /// The dotted name.
  public let name: String
  /// The tensor itself, not a copy.
  public let tensor: Tensor

  /// Pairs a name with a tensor.
  public init(_ name: String, _ tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}
