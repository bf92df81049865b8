public import Torch

/// An affine map of the last dim, whole or as one rank's part of it.
public protocol LinearLayer: Module {
  /// [..., in] to [..., out].
  func callAsFunction(_ x: Tensor) -> Tensor
  /// The matrix, [out, in].
  var weight: Tensor { get }
  /// The offset, [out], if there is one.
  var bias: Tensor? { get }
}
