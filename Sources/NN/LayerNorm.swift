public import Torch

/// Layer normalization over the last dim (Ba, Kiros, Hinton 2016, arXiv:1607.06450), with scale and offset.
public final class LayerNorm: Module {
  /// [dim], ones at first.
  public var weight: Tensor
  /// [dim], zeros at first.
  public var bias: Tensor
  /// Added to the variance.
  public let eps: Double

  /// A layer over `dim` features. The vision transformers use eps 1e-6.
  public init(_ dim: Int, eps: Double = 1e-6) {
    weight = .parameter([dim], filledWith: 1)
    bias = .parameter([dim])
    self.eps = eps
  }

  /// [..., dim] to the same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight: weight, bias: bias, eps: eps)
  }

  /// Lists `weight`, `bias`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("weight", &weight)
    visitor.parameter("bias", &bias)
  }
}

/// A learned factor per feature on a residual branch (Touvron et al. 2021, arXiv:2103.17239).
public final class LayerScale: Module {
  /// [dim].
  public var gamma: Tensor
  /// What `gamma` starts from.
  public let initialValue: Double

  /// A layer whose factors all start at `initialValue`.
  public init(_ dim: Int, initialValue: Double) {
    gamma = .parameter([dim], filledWith: initialValue)
    self.initialValue = initialValue
  }

  /// [..., dim] to the same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor { x * gamma }

  /// Lists `gamma`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("gamma", &gamma)
  }
}
