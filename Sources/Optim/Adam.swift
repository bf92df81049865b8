public import Settings
public import Torch

/// Adam with weight decay added to the gradient (Kingma, Ba 2014, arXiv:1412.6980), as PyTorch's `Adam`.
public typealias Adam = AdamFamily<AddedDecay>

/// Adam with decoupled weight decay (Loshchilov, Hutter 2017, arXiv:1711.05101), as PyTorch's `AdamW`: the parameter
/// shrinks by learning rate times weight decay.
public typealias AdamW = AdamFamily<DecoupledDecay>

/// What tells Adam and AdamW apart.
public protocol AdamKind {
  /// The name in recipes and checkpoints.
  static var name: String { get }
  /// The weight decay where none is set.
  static var weightDecay: Double { get }
  /// libtorch's step over a list of parameters, which takes the rate as a tensor.
  static var fusedStep: Op { get }
}

/// Weight decay as a part of the gradient.
public enum AddedDecay: AdamKind {
  /// `adam`.
  public static let name = "adam"
  /// None.
  public static let weightDecay = 0.0
  /// `_fused_adam_`.
  public static let fusedStep = Op("aten::_fused_adam_", "tensor_lr")
}

/// Weight decay by itself.
public enum DecoupledDecay: AdamKind {
  /// `adamw`.
  public static let name = "adamw"
  /// 0.05.
  public static let weightDecay = 0.05
  /// `_fused_adamw_`.
  public static let fusedStep = Op("aten::_fused_adamw_", "tensor_lr")
}

/// Adam and AdamW: steps by the running mean of gradients over the root of that of their squares.
public final class AdamFamily<Kind: AdamKind>: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// Decay of the mean of gradients.
    public var beta1 = 0.9
    /// Decay of the mean of squared gradients.
    public var beta2 = 0.999
    /// Added to the root of the mean square.
    public var eps = 1e-8
    /// Of Adam, multiplied by the parameter and added to its gradient; of AdamW, multiplied by the learning rate: the part
    /// of a parameter that a step takes away.
    public var weightDecay = Kind.weightDecay

    /// Decays 0.9 and 0.999, eps 1e-8, weight decay 0, of AdamW 0.05.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { AdamFamily(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      // 0 / 0 where a gradient is 0 from the start.
      issues.check(eps > 0 && eps <= 1, "eps", found: eps, "more than 0, at most 1")
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static var name: String { Kind.name }

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  private let memory: OptimizerMemory

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    // The fused step reads the count of steps where it runs.
    memory = OptimizerMemory(groups, type: Kind.name, kinds: ["exp_avg", "exp_avg_sq"], countsSteps: true)
  }

  /// One fused step per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    memory.step(learningRate: learningRate, foundInf: foundInf) { part in
      Kind.fusedStep.void(
        [part.values], [part.gradients], [part.buffers[0]], [part.buffers[1]], [Tensor](), [memory.count],
        part.rate, options.beta1, options.beta2, options.weightDecay * part.group.weightDecayScale, options.eps, false,
        false, gradientDivisor, foundInf)
    }
  }

  /// Steps taken, and both moments of each parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`. Moments that start anew have the optimizer's own count of steps: the first
  /// steps of such a parameter are up to (1 - beta1) / sqrt(1 - beta2) times as long as those of a new run, 3.2 times by
  /// default.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
