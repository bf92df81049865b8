public import Settings
public import Torch

/// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon), as `torch.optim.Muon`: the momentum of a matrix is
/// brought near the closest orthogonal one by Newton and Schulz's iteration before the step. All else is trained by AdamW,
/// in the same optimizer.
public final class Muon: Optimizer {
  /// By what a matrix's learning rate is multiplied.
  public enum LearningRateAdjustment: String, Codable, Sendable, CaseIterable {
    /// √max(1, rows / columns), as Jordan et al.: rates are about twenty times AdamW's.
    case original
    /// 0.2 √max(rows, columns) (Liu et al. 2025, arXiv:2502.16982): steps as large as AdamW's, at AdamW's rates.
    case matchRMSAdamW = "match_rms_adamw"
  }

  /// What the iteration computes in.
  public enum Precision: String, Codable, Sendable, CaseIterable {
    /// bfloat16, as all published implementations do.
    case bfloat16
    /// The dtype of the parameters.
    case full
  }

  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// Decay of the mean of a matrix's gradients.
    public var momentum = 0.95
    /// Whether to look ahead along the momentum.
    public var nesterov = true
    /// Steps of the iteration.
    public var nsSteps = 5
    /// What the iteration computes in.
    public var precision = Precision.bfloat16
    /// By what a matrix's learning rate is multiplied.
    public var adjustLr = LearningRateAdjustment.matchRMSAdamW
    /// Multiplied by the learning rate: the part of a parameter that a step takes away; of AdamW's too.
    public var weightDecay = 0.1
    /// Multiplies the learning rate of what AdamW trains.
    public var adamwLrScale = 1.0
    /// Of AdamW: decay of the mean of gradients.
    public var beta1 = 0.9
    /// Of AdamW: decay of the mean of squared gradients.
    public var beta2 = 0.95
    /// Of AdamW: added to the root of the mean square.
    public var eps = 1e-8

    /// Momentum 0.95, weight decay 0.1, at AdamW's learning rates.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Muon(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check((0..<1).contains(momentum), "momentum", found: momentum, "at least 0 and less than 1")
      issues.check("ns_steps", nsSteps, in: 1...99)
      issues.check("weight_decay", weightDecay, in: 0...1000)
      issues.check("adamw_lr_scale", adamwLrScale, in: 0...1000)
      issues.check((0..<1).contains(beta1), "beta1", found: beta1, "at least 0 and less than 1")
      issues.check((0..<1).contains(beta2), "beta2", found: beta2, "at least 0 and less than 1")
      issues.check(eps > 0 && eps <= 1, "eps", found: eps, "more than 0, at most 1")
    }
  }

  /// Whether a parameter is a matrix between hidden layers: two dims, and none of the heads. Embeddings of patches,
  /// positions and tokens have more dims.
  public static func isHiddenMatrix(_ parameter: NamedTensor) -> Bool {
    parameter.tensor.ndim == 2 && !parameter.name.hasPrefix("head")
  }

  /// The name in recipes and checkpoints.
  public static let name = "muon"
  /// A matrix is made orthogonal as a whole.
  public static var needsWholeParameters: Bool { true }
  private static let update = FlatOp("muon_update")
  private static let apply = FlatOp("muon_apply")
  private static let orthogonalize = Op("vitrail::orthogonalize_")
  private static let coefficients = [3.4445, -4.7750, 2.0315]

  /// Neighbours in a group that are trained alike.
  private struct Run {
    let group: Int
    let range: Range<Int>
    let parameters: [NamedTensor]
    let places: [Range<Int>]
    let isOfMatrices: Bool
    /// The momentum, or both moments of AdamW.
    let buffers: [Tensor]
    /// Of matrices: what is orthogonalised.
    let update: Tensor?

    var scales: [Double] = []

    func part(of buffer: Tensor) -> Tensor { buffer.narrow(0, start: range.lowerBound, length: range.count) }

    func named(_ kind: String, _ buffer: Tensor) -> [NamedTensor] {
      zip(parameters, places).map { parameter, place in
        let part = buffer.narrow(0, start: place.lowerBound - range.lowerBound, length: place.count)
        return NamedTensor("\(kind).\(parameter.name)", part.view(parameter.tensor.shape))
      }
    }
  }

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory
  private let runs: [Run]
  /// The rates of AdamW, by group.
  private let rates: [Tensor]
  private var isPrepared = false

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    let runs = groups.indices.flatMap { Self.runs(of: groups[$0], at: $0, options) }
    self.runs = runs
    let matrices = runs.filter(\.isOfMatrices)
    let others = runs.filter { !$0.isOfMatrices }
    memory = OptimizerMemory(
      groups, type: Self.name, kinds: [], countsSteps: true,
      others: matrices.flatMap { $0.named("momentum", $0.buffers[0]) }
        + others.flatMap { $0.named("exp_avg", $0.buffers[0]) }
        + others.flatMap { $0.named("exp_avg_sq", $0.buffers[1]) })
    rates = groups.map {
      .zeros([], dtype: $0.values.device == .cpu ? .float64 : .float32, device: $0.values.device)
    }
  }

  private static func runs(of group: ParameterGroup, at index: Int, _ options: Options) -> [Run] {
    var (runs, start) = ([Run](), 0)
    let kinds = group.parameters.map(isHiddenMatrix)
    while start < kinds.count {
      let end = kinds[start...].firstIndex { $0 != kinds[start] } ?? kinds.count
      let places = Array(group.ranges[start..<end])
      let range = places[0].lowerBound..<places[places.count - 1].upperBound
      func buffer() -> Tensor {
        .zeros([range.count], dtype: group.values.dtype, device: group.values.device)
      }
      let parameters = Array(group.parameters[start..<end])
      runs.append(
        Run(
          group: index, range: range, parameters: parameters, places: places, isOfMatrices: kinds[start],
          buffers: kinds[start] ? [buffer()] : [buffer(), buffer()], update: kinds[start] ? buffer() : nil,
          scales: kinds[start] ? parameters.map { scale(of: $0.tensor.shape, options.adjustLr) } : []))
      start = end
    }
    return runs
  }

  private static func scale(of shape: [Int], _ adjustment: LearningRateAdjustment) -> Double {
    switch adjustment {
    case .original: max(1, Double(shape[0]) / Double(shape[1])).squareRoot()
    case .matchRMSAdamW: 0.2 * Double(max(shape[0], shape[1])).squareRoot()
    }
  }

  /// Makes the updates of all matrices and orthogonalises them, which takes memory.
  public func prepare(gradientDivisor: Tensor?, foundInf: Tensor?) {
    let update = memory.callee(Self.update)
    withoutGrad {
      for group in groups { group.gatherGradients() }
      for run in runs {
        guard let scratch = run.update else { continue }
        update.void(
          run.part(of: groups[run.group].gradients), run.buffers[0], scratch, options.momentum, options.nesterov,
          gradientDivisor)
        let shapes = run.parameters.map(\.tensor.shape)
        Self.orthogonalize.void(
          scratch, run.places.map { $0.lowerBound - run.range.lowerBound }, shapes.map { $0[0] }, shapes.map { $0[1] },
          run.scales, options.nsSteps, Self.coefficients, options.precision == .bfloat16)
      }
    }
    isPrepared = !isFailurePending
  }

  /// A fused step of each run of matrices, and of AdamW of all between.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    if !isPrepared { prepare(gradientDivisor: gradientDivisor, foundInf: foundInf) }
    isPrepared = false
    let apply = memory.callee(Self.apply)
    memory.stepAll(learningRate: learningRate, foundInf: foundInf) { parts in
      for (part, rate) in zip(parts, rates) { rate.fill_(part.learningRate * options.adamwLrScale) }
      for run in runs {
        let part = parts[run.group]
        let decay = options.weightDecay * part.group.weightDecayScale
        let (values, gradients) = (run.part(of: part.values), run.part(of: part.gradients))
        if let update = run.update {
          apply.void(
            values, gradients, run.buffers[0], update, part.learningRate, options.momentum, decay, gradientDivisor,
            foundInf)
        } else {
          DecoupledDecay.fusedStep.void(
            [values], [gradients], [run.buffers[0]], [run.buffers[1]], [Tensor](), [memory.count], rates[run.group],
            options.beta1, options.beta2, decay, options.eps, false, false, gradientDivisor, foundInf)
        }
      }
    }
  }

  /// Steps taken, the momentum of each matrix, and both moments of every other parameter.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`, and Adam's on moments that start anew.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}
