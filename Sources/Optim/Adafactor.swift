public import Settings
public import Torch

/// Adafactor (Shazeer, Stern 2018, arXiv:1804.04235) as big_vision trains Vision Transformers with (Zhai et al. 2021,
/// arXiv:2106.04560), timm's `AdafactorBigVision`: of the squares of a matrix only the means along its two longest dims are
/// kept, and the learning rate is the run's own. The momentum is kept in full.
public final class Adafactor: Optimizer {
  /// What can be set.
  public struct Options: OptimizerOptions, Equatable {
    /// The mean of squares of step t decays by 1 - t^(-decay_rate).
    public var decayRate = 0.8
    /// The largest such decay.
    public var beta2Cap = 0.999
    /// Decay of the mean of updates; 0 for none, which saves its buffer.
    public var momentum = 0.9
    /// Added to the squares.
    public var eps = 1e-30
    /// The largest root of an update's mean square; none if left out.
    public var clippingThreshold: Double?
    /// Dims shorter than this are not factored.
    public var minDimSizeToFactor = 16
    /// Multiplied by the learning rate: the part of a parameter that a step takes away.
    public var weightDecay = 0.0

    /// Momentum 0.9, no weight decay.
    public init() {}

    /// An optimizer of the given groups with these options.
    public func makeOptimizer(_ groups: [ParameterGroup]) -> any Optimizer { Adafactor(groups, options: self) }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check(decayRate > 0 && decayRate <= 10, "decay_rate", found: decayRate, "more than 0, at most 10")
      issues.check((0..<1).contains(beta2Cap), "beta2_cap", found: beta2Cap, "at least 0 and less than 1")
      issues.check((0..<1).contains(momentum), "momentum", found: momentum, "at least 0 and less than 1")
      issues.check(eps >= 1e-35 && eps <= 1, "eps", found: eps, "from 1e-35 to 1")
      if let clippingThreshold { issues.check("clipping_threshold", clippingThreshold, in: 1e-6...1e6) }
      issues.check("min_dim_size_to_factor", minDimSizeToFactor, in: 2...1_000_000)
      issues.check("weight_decay", weightDecay, in: 0...1000)
    }
  }

  /// The name in recipes and checkpoints.
  public static let name = "adafactor"
  /// Means over the rows and columns of a parameter need all of it.
  public static var needsWholeParameters: Bool { true }
  private static let update = FlatOp("adafactor")

  /// What was set.
  public let options: Options
  /// What is trained.
  public var groups: [ParameterGroup] { memory.groups }
  let memory: OptimizerMemory
  private let squares: [FactoredSquares]

  /// An optimizer of the given groups.
  public init(_ groups: [ParameterGroup], options: Options = Options()) {
    self.options = options
    let squares = groups.map { FactoredSquares($0, minDim: options.minDimSizeToFactor) }
    self.squares = squares
    memory = OptimizerMemory(
      groups, type: Self.name, kinds: options.momentum > 0 ? ["exp_avg"] : [], countsSteps: true,
      others: ["exp_avg_sq_r", "exp_avg_sq_c", "exp_avg_sq"].flatMap { kind in
        squares.flatMap { $0.named.filter { $0.name.hasPrefix("\(kind).") } }
      })
  }

  /// One call per group.
  public func step(learningRate: Double, gradientDivisor: Tensor?, foundInf: Tensor?) {
    let update = memory.callee(Self.update)
    memory.stepAll(learningRate: learningRate, foundInf: foundInf) { parts in
      for (part, squares) in zip(parts, squares) {
        update.void(
          part.values, part.gradients, part.buffers.first, squares.meansOverY, squares.meansOverX, squares.plain,
          squares.layout, memory.count, part.learningRate, options.decayRate, options.beta2Cap, options.momentum,
          options.eps, options.clippingThreshold ?? 0, options.weightDecay * part.group.weightDecayScale,
          gradientDivisor, foundInf)
      }
    }
  }

  /// Steps taken, the mean of updates, and the mean squares or what is kept of them.
  public var state: OptimizerState { memory.state }

  /// Takes over a state; see `Optimizer.load`, and Adam's on moments that start anew.
  public func load(_ state: OptimizerState) throws -> [String] { try memory.load(state) }
}

/// What Adafactor keeps of the squares of a group's gradients, in three buffers.
struct FactoredSquares {
  /// Ten numbers of each parameter; see `Kernels/Factored.cpp`.
  let layout: [Int]
  let meansOverY: Tensor
  let meansOverX: Tensor
  let plain: Tensor
  /// Views by kind and parameter, in timm's names and shapes: `exp_avg_sq_r` is the mean over the longest dim,
  /// `exp_avg_sq_c` that over the second longest; `exp_avg_sq` is of parameters that are not factored.
  let named: [NamedTensor]

  init(_ group: ParameterGroup, minDim: Int) {
    var (layout, sizes) = ([Int](), (y: 0, x: 0, plain: 0))
    var views: [(name: String, buffer: Int, start: Int, shape: [Int])] = []
    for (parameter, range) in zip(group.parameters, group.ranges) {
      let (name, shape) = (parameter.name, parameter.tensor.shape)
      guard let dims = Self.factoredDims(shape, minDim: minDim) else {
        layout += [range.lowerBound, 1, 1, 1, range.count, 1, 0, 0, sizes.plain, range.count]
        views.append(("exp_avg_sq.\(name)", 2, sizes.plain, shape))
        sizes.plain += range.count
        continue
      }
      let (x, y) = (min(dims.longest, dims.second), max(dims.longest, dims.second))
      func product(_ part: ArraySlice<Int>) -> Int { part.reduce(1, *) }
      layout += [
        range.lowerBound, product(shape[..<x]), shape[x], product(shape[(x + 1)..<y]), shape[y],
        product(shape[(y + 1)...]), sizes.y, sizes.x, -1, range.count,
      ]
      for dim in [y, x] {
        var ofMeans = shape
        ofMeans[dim] = 1
        let kind = dim == dims.longest ? "exp_avg_sq_r" : "exp_avg_sq_c"
        views.append(("\(kind).\(name)", dim == y ? 0 : 1, dim == y ? sizes.y : sizes.x, ofMeans))
      }
      sizes.y += range.count / shape[y]
      sizes.x += range.count / shape[x]
    }
    self.layout = layout
    let values = group.values
    let buffers = [sizes.y, sizes.x, sizes.plain].map {
      Tensor.zeros([$0], dtype: values.dtype, device: values.device)
    }
    (meansOverY, meansOverX, plain) = (buffers[0], buffers[1], buffers[2])
    named = views.map { view in
      let part = buffers[view.buffer].narrow(0, start: view.start, length: view.shape.reduce(1, *))
      return NamedTensor(view.name, part.view(view.shape))
    }
  }

  /// The two longest dims, of equal ones the later, where both are long enough.
  private static func factoredDims(_ shape: [Int], minDim: Int) -> (longest: Int, second: Int)? {
    let sorted = shape.indices.sorted { (shape[$0], $0) < (shape[$1], $1) }
    guard sorted.count >= 2, shape[sorted[sorted.count - 2]] >= minDim else { return nil }
    return (sorted[sorted.count - 1], sorted[sorted.count - 2])
  }
}
