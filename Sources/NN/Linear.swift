public import Torch

/// y = x Wᵀ + b over the last dim. Weight [out, in], bias [out]; zero until an initializer fills them.
public final class Linear: LinearLayer {
  /// [out, in].
  public var weight: Tensor
  /// [out].
  public var bias: Tensor?

  /// A layer of zeros in float32 on the CPU.
  public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true) {
    weight = .parameter([outFeatures, inFeatures])
    self.bias = bias ? .parameter([outFeatures]) : nil
  }

  /// Width of the input.
  public var inFeatures: Int { weight.size(1) }
  /// Width of the output.
  public var outFeatures: Int { weight.size(0) }

  /// [..., in] to [..., out].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.linear(weight, bias: bias)
  }

  /// Lists `weight`, `bias`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }
}

/// An affine map of the last dim, whole or as one rank's part of it.
public protocol LinearLayer: Module {
  /// [..., in] to [..., out].
  func callAsFunction(_ x: Tensor) -> Tensor
  /// The matrix, [out, in].
  var weight: Tensor { get }
  /// The offset, [out], if there is one.
  var bias: Tensor? { get }
}
