public import Torch

/// The two-layer perceptron of a transformer block: linear, exact (erf) GELU, linear.
public final class FeedForward: Module {
  /// dim to hidden.
  public let fc1: any LinearLayer
  /// hidden to dim.
  public let fc2: any LinearLayer
  /// Acts after the activation and after the second layer, as in timm.
  public let dropout: Dropout

  /// A perceptron from `dim` over `hiddenDim` back to `dim` features.
  public init(_ dim: Int, hiddenDim: Int, dropout: Double = 0, layers: any LayerFactory = WholeLayers()) {
    fc1 = layers.linear(dim, hiddenDim, bias: true, role: .feedForwardIn)
    fc2 = layers.linear(hiddenDim, dim, bias: true, role: .feedForwardOut)
    self.dropout = Dropout(dropout)
  }

  /// [..., dim] to the same shape. Records `fc1` and `act`, [..., hidden].
  public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
    var y = fc1(x)
    context.record("fc1", y)
    y = y.gelu()
    context.record("act", y)
    y = fc2(dropout(y, context.scoped("drop1")))
    return dropout(y, context.scoped("drop2"))
  }

  /// Lists `fc1`, `fc2`.
  public func visit(_ visitor: inout ParameterVisitor) {
    visitor.submodule("fc1", fc1)
    visitor.submodule("fc2", fc2)
  }
}
