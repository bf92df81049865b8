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
  private static let fusedStep = Op("aten::_fused_sgd_")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { slots.groups }
  private let slots: SlotStore
  private var numSteps = 0

  /// An optimizer of the given groups. With dampening, `foundInf` must not skip the very first step.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    slots = SlotStore(groups, kinds: options.momentum > 0 ? ["momentum"] : [])
  }

  /// One fused step per group.
  public func step(learningRate: Double, foundInf: Tensor?) {
    withoutGrad {
      for (index, group) in groups.enumerated() {
        let (parameters, gradients, slots, _) = slots.active(inGroup: index)
        guard !parameters.isEmpty else { continue }
        // A buffer of zeros gives the same first step, save under dampening.
        let isFirst = numSteps == 0 && options.momentum > 0 && options.dampening > 0
        Self.fusedStep.void(
          parameters, gradients, slots.first ?? [], options.weightDecay * group.weightDecayScale, options.momentum,
          learningRate * group.learningRateScale, options.dampening, options.nesterov, false, isFirst,
          Tensor?.none, foundInf)
      }
    }
    numSteps += 1
  }

  /// Steps taken and the momentum of each parameter.
  public var state: OptimizerState {
    OptimizerState(scalars: .init(type: Self.name, numSteps: numSteps), tensors: slots.tensors)
  }

  /// Takes over a state; see `Optimizer.load`.
  public func load(_ state: OptimizerState) throws {
    guard state.scalars.type == "sgd" else {
      throw OptimizerStateMismatch(expected: Self.name, found: state.scalars.type)
    }
    try slots.tensors.overwrite(with: state.tensors)
    numSteps = state.scalars.numSteps
  }
}
