public import Torch

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
