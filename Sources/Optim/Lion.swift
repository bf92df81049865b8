public import Settings
public import Torch

/// Lion (Chen et al. 2023, arXiv:2302.06675), as timm's `Lion`: a step by the sign of a mean of gradients, all of one
/// length, so that the learning rate is a third to a tenth of AdamW's and the weight decay as much larger. One buffer of
/// state.
public final class Lion: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// How much of the mean is in the step beside the gradient.
    public var beta1 = 0.9
    /// Decay of the mean of gradients.
    public var beta2 = 0.99
    /// Multiplied by the learning rate: the part of a parameter that a step takes away.
    public var weightDecay = 0.0

    /// 0.9, 0.99, no weight decay.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Lion(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "lion"
  private static let update = FlatOp("lion")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(groups, type: Self.name, kinds: ["exp_avg"])
  }

  /// One fused step per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    let update = memory.callee(Self.update)
    memory.step(learningRate: learningRate, foundInf: foundInf) { part in
      update.void(
        part.values, part.gradients, part.buffers[0], part.learningRate, options.beta1, options.beta2,
        options.weightDecay * part.group.weightDecayScale, gradientDivisor, foundInf)
    }
  }

  /// Steps taken and the mean of each parameter's gradients.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
