public import Torch

/// Changes parameters by their gradients.
///
/// The learning rate is handed to each step, so that a schedule stays a pure function of the step and no optimizer has
/// a rate of its own to get out of date. Everything else that a step depends on is in `state`.
public protocol Optimizer: AnyObject {
  /// What is trained; every parameter is in exactly one group.
  var groups: [ParameterGroup] { get }

  /// Whether a step needs every parameter, gradient and state as a whole: where processes share out the groups, by slices
  /// that end anywhere, such an optimizer has to gather them.
  static var needsWholeParameters: Bool { get }

  /// Computes what the next step takes memory for, and changes nothing else. The step does it where nobody has; whoever
  /// wants memory to run out before anything changes calls it first, with what the step will get.
  func prepare(gradientDivisor: Tensor?, foundInf: Tensor?)

  /// Changes every parameter by its gradient, in place. Takes no memory on the CPU after `prepare`, so that memory that runs
  /// out never leaves some parameters changed and others not.
  ///
  /// - Parameters:
  ///   - learningRate: multiplied by each group's scale.
  ///   - gradientDivisor: what all gradients are divided by first: a loss's scale and clipping in one factor, a float32
  ///     scalar on the parameters' device. The gradients may hold anything afterwards: zero them.
  ///   - foundInf: a float32 scalar on the parameters' device; where it is 1, nothing changes.
  func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?)

  /// Everything but the options that the next step depends on. The tensors are the optimizer's own: clone them to keep
  /// them.
  var state: OptimizerState { get }

  /// Takes over a state, copied into the optimizer's own tensors. What the state lacks, of a parameter that was not
  /// trained before for example, starts anew; what it has too much is dropped.
  /// - Returns: a line for each of these.
  /// - Throws: `OptimizerStateMismatch` if it was made by another optimizer, `StateDictMismatch` if a tensor has another
  ///   shape.
  func load(_ state: OptimizerState) throws -> [String]
}

extension Optimizer {
  /// None: any slice can be stepped by itself.
  public static var needsWholeParameters: Bool { false }

  /// Nothing.
  public func prepare(gradientDivisor: Tensor?, foundInf: Tensor?) {}

  /// A step by the gradients as they are, known to be finite.
  public func step(learningRate: Double) { step(learningRate: learningRate, gradientDivisor: nil, foundInf: nil) }

  /// All trained parameters, group by group.
  public var parameters: [Tensor] { groups.flatMap { $0.parameters.map(\.tensor) } }

  /// Sets all gradients to 0.
  public func zeroGrad() {
    for group in groups { group.zeroGradients() }
  }
}

/// What a checkpoint keeps of an optimizer.
public struct OptimizerState {
  /// The scalars.
  public struct Scalars: Codable, Sendable, Equatable {
    /// The optimizer's name in the registry.
    public var type: String
    /// Steps taken.
    public var numSteps: Int

    /// The scalars of an optimizer of that name after that many steps.
    public init(type: String, numSteps: Int) {
      self.type = type
      self.numSteps = numSteps
    }
  }

  /// The scalars.
  public var scalars: Scalars
  /// The tensors, in order, named by kind and parameter: `momentum.blocks.0.attn.qkv.weight`.
  public var tensors: StateDict
  /// Which part of the flattened tensor lies here, by name, for those that are not whole.
  public var layouts: [String: ShardLayout]

  /// A state of the given parts.
  public init(scalars: Scalars, tensors: StateDict, layouts: [String: ShardLayout] = [:]) {
    self.scalars = scalars
    self.tensors = tensors
    self.layouts = layouts
  }
}

/// A state that another kind of optimizer made.
public struct OptimizerStateMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  /// The optimizer that was to load the state.
  public let expected: String
  /// The optimizer that made it.
  public let found: String

  /// A mismatch of the two names.
  public init(expected: String, found: String) {
    self.expected = expected
    self.found = found
  }

  /// One line.
  public var description: String {
    "the checkpoint holds the state of optimizer '\(found)', the run uses '\(expected)'. "
      + "Resume with the same optimizer, or start a new run from the weights alone"
  }
}
