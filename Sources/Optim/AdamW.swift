public import Settings
public import Torch

/// Adam with decoupled weight decay (Loshchilov, Hutter 2017, arXiv:1711.05101), as PyTorch's: the parameter shrinks by
/// learning rate times weight decay.
public final class AdamW: Optimizer {
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
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { AdamW(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check("eps", eps, in: 0...1)
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "adamw"
  private static let fusedStep = Op("aten::_fused_adamw_")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { moments.groups }
  private var moments: AdamMoments

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    moments = AdamMoments(groups, type: Self.name, fusedStep: Self.fusedStep)
  }

  /// One fused step per group.
  public func step(learningRate: Double, foundInf: Tensor?) {
    moments.step(
      learningRate: learningRate, beta1: options.beta1, beta2: options.beta2, eps: options.eps,
      weightDecay: options.weightDecay, foundInf: foundInf)
  }

  /// Steps taken, both moments of each parameter and its own steps.
  public var state: OptimizerState { moments.state }

  /// Takes over a state; see `Optimizer.load`.
  public func load(_ state: OptimizerState) throws { try moments.load(state) }
}
