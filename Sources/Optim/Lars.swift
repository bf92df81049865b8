public import Settings
public import Torch

/// LARS (You et al. 2017, arXiv:1708.03888), for large batches: SGD with momentum whose gradient, with weight decay added,
/// is scaled by trust coefficient · |parameter| / (|gradient| + weight decay · |parameter|), 1 where either norm is 0. As
/// timm's `Lars`.
public final class Lars: Optimizer {
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
    /// Multiplies the ratio.
    public var trustCoefficient = 0.001
    /// Added to the ratio's denominator.
    public var eps = 1e-8
    /// Whether the ratio is at most the learning rate, by which it is divided then (LARC).
    public var trustClip = false
    /// Which parameters are scaled.
    public var adapt = TrustAdaptation.unexempt

    /// Momentum 0.9, trust coefficient 0.001.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Lars(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(momentum), "momentum", found: momentum, "at least 0 and less than 1")
      issues.check("dampening", dampening, in: 0...1)
      issues.check("weight_decay", weightDecay, in: 0...1000)
      issues.check(
        !nesterov || (momentum > 0 && dampening == 0), "nesterov", found: nesterov,
        "false without momentum or with dampening", related: ["momentum", "dampening"])
      issues.check(
        trustCoefficient > 0 && trustCoefficient <= 1000, "trust_coefficient", found: trustCoefficient,
        "more than 0, at most 1000")
      issues.check("eps", eps, in: 0...1)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "lars"
  private static let apply = FlatOp("lars_apply")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory
  private let sums: ParameterSums

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(
      groups, type: Self.name, kinds: options.momentum > 0 ? ["momentum"] : [], countsSteps: true)
    sums = ParameterSums(memory)
  }

  /// Sums of squares of weights and gradients, then one pass over each group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    memory.stepAll(learningRate: learningRate, foundInf: foundInf) { parts in
      sums.sum(parts.map(\.values), row: 0, by: memory)
      sums.sum(parts.map(\.gradients), row: 1, by: memory)
      sums.share()
      let apply = memory.callee(Self.apply)
      for (index, part) in parts.enumerated() {
        apply.void(
          part.values, part.gradients, part.buffers.first, sums.ofGroups[index], sums.bounds[index], memory.count,
          part.learningRate, options.momentum, options.dampening, options.nesterov,
          options.weightDecay * part.group.weightDecayScale, options.trustCoefficient, options.eps,
          options.adapt.adapts(part.group, weightDecay: options.weightDecay), options.trustClip, gradientDivisor,
          foundInf)
      }
    }
  }

  /// Steps taken and the momentum of each parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
