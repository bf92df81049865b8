public import Settings
public import Torch

/// Stochastic gradient descent with momentum (Sutskever et al. 2013), as PyTorch's: weight decay is added to the
/// gradient; momentum·buffer + (1 - dampening)·gradient, except that the first buffer is the gradient itself.
public final class SGD: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// How much of the last step goes into the next one; 0 for none.
    public var momentum = 0.9
    /// How much of the gradient is kept out of the momentum.
    public var dampening = 0.0
    /// Multiplied by the parameter and added to its gradient.
    public var weightDecay = 0.0
    /// Whether to look ahead along the momentum; needs momentum and no dampening.
    public var nesterov = false

    /// Momentum 0.9, nothing else.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { SGD(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(momentum), "momentum", found: momentum, "at least 0 and less than 1")
      issues.check("dampening", dampening, in: 0...1)
      issues.check("weight_decay", weightDecay, in: 0...1000)
      issues.check(
        !nesterov || (momentum > 0 && dampening == 0), "nesterov", found: nesterov,
        "false without momentum or with dampening", related: ["momentum", "dampening"])
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "sgd"
  private static let fusedStep = Op("aten::_fused_sgd_", "tensor_lr")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  private let memory: OptimizerMemory

  /// An optimizer of the given groups. With dampening, `foundInf` must not skip the very first step.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(groups, type: Self.name, kinds: options.momentum > 0 ? ["momentum"] : [])
  }

  /// One fused step per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    // A buffer of zeros gives the same first step, save under dampening.
    let isFirst = memory.numSteps == 0 && options.momentum > 0 && options.dampening > 0
    memory.step(learningRate: learningRate, foundInf: foundInf) { part in
      Self.fusedStep.void(
        [part.values], [part.gradients], part.buffers, options.weightDecay * part.group.weightDecayScale,
        options.momentum, part.rate, options.dampening, options.nesterov, false, isFirst, gradientDivisor, foundInf)
    }
  }

  /// Steps taken and the momentum of each parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
