public import Settings
public import Torch

/// AdamW with Nesterov's look ahead (Dozat 2016), as timm's `NAdamW`: the step's mean has the gradient once more. PyTorch's
/// `NAdam` is another rule, with a schedule of its own for the momentum.
public final class NAdamW: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// Decay of the mean of gradients.
    public var beta1 = 0.9
    /// Decay of the mean of squared gradients.
    public var beta2 = 0.999
    /// Added to the root of the mean square.
    public var eps = 1e-8
    /// Multiplied by the learning rate: the part of a parameter that a step takes away.
    public var weightDecay = 0.05

    /// Decays 0.9 and 0.999, eps 1e-8, weight decay 0.05.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { NAdamW(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check(eps > 0 && eps <= 1, "eps", found: eps, "more than 0, at most 1")
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "nadamw"
  private static let update = FlatOp("nadamw")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(groups, type: Self.name, kinds: ["exp_avg", "exp_avg_sq"], countsSteps: true)
  }

  /// One fused step per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    let update = memory.callee(Self.update)
    memory.step(learningRate: learningRate, foundInf: foundInf) { part in
      update.void(
        part.values, part.gradients, part.buffers[0], part.buffers[1], memory.count, part.learningRate, options.beta1,
        options.beta2, options.eps, options.weightDecay * part.group.weightDecayScale, gradientDivisor, foundInf)
    }
  }

  /// Steps taken, and both moments of each parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`, and Adam's on moments that start anew.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
