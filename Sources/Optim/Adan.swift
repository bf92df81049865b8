public import Settings
public import Torch

/// Adan (Xie et al. 2022, arXiv:2208.06677), as timm's `Adan`: means of gradients, of their differences from step to step,
/// and of the squares of both together. Four buffers of state.
public final class Adan: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// Decay of the mean of gradients.
    public var beta1 = 0.98
    /// Decay of the mean of their differences.
    public var beta2 = 0.92
    /// Decay of the mean of squares.
    public var beta3 = 0.99
    /// Added to the root of the mean square.
    public var eps = 1e-8
    /// Multiplied by the learning rate: the part of a parameter that a step takes away.
    public var weightDecay = 0.02
    /// Whether that divides the stepped parameter by 1 + it, as in the paper; else it is taken away before the step, as in
    /// AdamW (timm's `no_prox`).
    public var proximal = true

    /// Decays 0.98, 0.92 and 0.99, eps 1e-8, weight decay 0.02.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Adan(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta3), "beta3", found: beta3, "at least 0 and less than 1")
      issues.check(eps > 0 && eps <= 1, "eps", found: eps, "more than 0, at most 1")
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "adan"
  private static let update = FlatOp("adan")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(
      groups, type: Self.name, kinds: ["exp_avg", "exp_avg_diff", "exp_avg_sq", "neg_pre_grad"], countsSteps: true)
  }

  /// One fused step per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    let update = memory.callee(Self.update)
    memory.step(learningRate: learningRate, foundInf: foundInf) { part in
      update.void(
        part.values, part.gradients, part.buffers[0], part.buffers[1], part.buffers[2], part.buffers[3], memory.count,
        part.learningRate, options.beta1, options.beta2, options.beta3, options.eps,
        options.weightDecay * part.group.weightDecayScale, options.proximal, gradientDivisor, foundInf)
    }
  }

  /// Steps taken, the three means of each parameter, and its last gradient with the other sign.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`, and Adam's on moments that start anew.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
