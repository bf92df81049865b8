public import Settings
public import Torch

/// LAMB (You et al. 2019, arXiv:1904.00962), for large batches: an update like Adam's, with weight decay added to it, is
/// scaled by |parameter| / |update|, 1 where either is 0. Published systems differ in what is corrected, exempt and
/// clipped: a variant sets these at once, and each can be set by itself.
public final class Lamb: Optimizer {
  /// Whose rules are taken where none are given.
  public enum Variant: String, Codable, Sendable, CaseIterable {
    /// Bias correction; what is exempt from weight decay is not scaled either.
    case modern
    /// Colossal-AI's `Lamb`: no bias correction; all parameters decay and are scaled.
    case colossal
    /// timm's: bias correction, gradients clipped to a norm of 1 within the step; what does not decay is not scaled.
    case timm

    var rules: Options.Rules {
      switch self {
      case .modern: .init(biasCorrection: true, adapt: .unexempt, decayAll: false, maxGradNorm: 0)
      case .colossal: .init(biasCorrection: false, adapt: .all, decayAll: true, maxGradNorm: 0)
      case .timm: .init(biasCorrection: true, adapt: .decaying, decayAll: false, maxGradNorm: 1)
      }
    }
  }

  /// What can be set: a variant, and changes to it.
  public struct Options: OptimizerOptions, Equatable {
    /// What variants differ in.
    struct Rules: Sendable, Equatable {
      var biasCorrection: Bool
      var adapt: TrustAdaptation
      var decayAll: Bool
      var maxGradNorm: Double
    }

    /// Decay of the mean of gradients.
    public var beta1 = 0.9
    /// Decay of the mean of squared gradients.
    public var beta2 = 0.999
    /// Added to the root of the mean square.
    public var eps = 1e-6
    /// Multiplied by the parameter and added to its update, before both are scaled.
    public var weightDecay = 0.01
    /// Whose rules are taken where none are given.
    public var variant = Variant.modern
    /// Whether a parameter's ratio is at most 1 (LAMBC).
    public var trustClip = false
    /// Whether both means are divided by what they lack at first.
    public var biasCorrection: Bool?
    /// Which parameters are scaled.
    public var adapt: TrustAdaptation?
    /// Whether parameters decay that are exempt from it.
    public var decayAll: Bool?
    /// The largest norm of all gradients, to which the step itself clips them; 0 for none.
    public var maxGradNorm: Double?

    /// Decays 0.9 and 0.999, eps 1e-6, weight decay 0.01.
    public init() {}

    /// The options of a variant.
    public init(_ variant: Variant) { self.variant = variant }

    var rules: Rules {
      var rules = variant.rules
      if let biasCorrection { rules.biasCorrection = biasCorrection }
      if let adapt { rules.adapt = adapt }
      if let decayAll { rules.decayAll = decayAll }
      if let maxGradNorm { rules.maxGradNorm = maxGradNorm }
      return rules
    }

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Lamb(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check(eps > 0 && eps <= 1, "eps", found: eps, "more than 0, at most 1")
      issues.check("weight_decay", weightDecay, in: 0...1000)
      if let maxGradNorm { issues.check("max_grad_norm", maxGradNorm, in: 0...1e30) }
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "lamb"
  private static let update = FlatOp("lamb_update")
  private static let apply = FlatOp("lamb_apply")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory
  private let sums: ParameterSums
  /// Of the gradients, where the step clips them.
  private let gradientSums: ParameterSums?

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    memory = OptimizerMemory(
      groups, type: Self.name, kinds: ["exp_avg", "exp_avg_sq"], countsSteps: true)
    sums = ParameterSums(memory)
    gradientSums = options.rules.maxGradNorm > 0 ? ParameterSums(memory, rows: 1) : nil
  }

  /// Two passes over each group, with a few sums in between.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    let rules = options.rules
    memory.stepAll(learningRate: learningRate, foundInf: foundInf) { parts in
      gradientSums?.sum(parts.map(\.gradients), row: 0, by: memory)
      gradientSums?.share()
      let squares = gradientSums?.all.select(0, 0)
      let (update, apply) = (memory.callee(Self.update), memory.callee(Self.apply))
      for (index, part) in parts.enumerated() {
        update.void(
          part.values, part.gradients, part.buffers[0], part.buffers[1], sums.ofGroups[index], sums.bounds[index],
          memory.count,
          options.beta1, options.beta2, options.eps,
          options.weightDecay * (rules.decayAll ? 1 : part.group.weightDecayScale), rules.biasCorrection,
          rules.maxGradNorm, squares, gradientDivisor, foundInf)
      }
      sums.share()
      for (index, part) in parts.enumerated() {
        apply.void(
          part.values, part.gradients, sums.ofGroups[index], sums.bounds[index], part.learningRate,
          rules.adapt.adapts(part.group, weightDecay: options.weightDecay), options.trustClip ? 1 : Double.infinity,
          foundInf)
      }
    }
  }

  /// Steps taken, and both moments of each parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`, and Adam's on moments that start anew.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
