public import Torch

/// Changes parameters by their gradients.
///
/// The learning rate is handed to each step, so that a schedule stays a pure function of the step and no optimizer has
/// a rate of its own to get out of date. Everything else that a step depends on is in `state`.
public protocol Optimizer: AnyObject {
  /// What is trained; every parameter is in exactly one group.
  var groups: [ParameterGroup] { get }

  /// Changes every parameter that has a gradient, in place.
  ///
  /// - Parameters:
  ///   - learningRate: multiplied by each group's scale.
  ///   - foundInf: a float32 scalar on the parameters' device; where it is 1, nothing changes.
  func step(learningRate: Double, foundInf: Tensor?)

  /// Everything but the options that the next step depends on. The tensors are the optimizer's own: clone them to keep
  /// them.
  var state: OptimizerState { get }

  /// Takes over a state, copied into the optimizer's own tensors.
  /// - Throws: `OptimizerStateMismatch` or `StateDictMismatch` if it was made by another optimizer or for other
  ///   parameters.
  func load(_ state: OptimizerState) throws
}

extension Optimizer {
  /// A step by gradients that are known to be finite.
  public func step(learningRate: Double) {
    step(learningRate: learningRate, foundInf: nil)
  }

  /// All trained parameters, group by group.
  public var parameters: [Tensor] { groups.flatMap { $0.parameters.map(\.tensor) } }

  /// Drops all gradients, so that the next backward pass starts from none.
  public func zeroGrad() {
    for parameter in parameters { parameter.grad = nil }
  }
}
