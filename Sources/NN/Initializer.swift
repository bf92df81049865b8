import Foundation
public import KeyedRandom
public import Torch

/// How a parameter gets its first values. Fans are counted as in PyTorch: the input's is the product of all dims but
/// the first, the output's the first dim times the product of the dims after the second.
public enum Initializer: Sendable, Equatable {
  /// All zeros.
  case zeros
  /// One value everywhere.
  case constant(Double)
  /// Normal with mean 0.
  case normal(std: Double)
  /// Normal with mean 0, restricted to -2...2 in absolute terms, as `trunc_normal_` of PyTorch and timm.
  case truncatedNormal(std: Double)
  /// Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot, Bengio 2010).
  case xavierUniform
  /// The same for a weight whose dims after the first count as one.
  case xavierUniformOfRows
  /// Normal of variance 1 / fanIn, truncated at two deviations and rescaled, as timm's `lecun_normal_` and Flax's.
  case lecunNormal
  /// Uniform in ±1 / sqrt(fanIn): what PyTorch's linear and convolution layers start from.
  case uniformByFanIn(Int)

  /// Overwrites a parameter, which lives on the CPU so that a model starts alike on every device, with values that
  /// `random` decides for the full tensor; of one that is cut, the part that lies here gets its own of them.
  public func fill(_ tensor: Tensor, _ random: KeyedRandom, layout: ShardLayout? = nil) {
    var random = random
    let generator = Generator(seed: random.next())
    guard let layout, !layout.isWhole else { return fill(tensor, generator) }
    let full = Tensor.empty(layout.fullShape, dtype: tensor.dtype)
    fill(full, generator)
    withoutGrad { _ = tensor.copy_(layout.part(of: full)) }
  }

  private func fill(_ tensor: Tensor, _ generator: Generator) {
    withoutGrad {
      switch self {
      case .zeros: tensor.zero_()
      case .constant(let value): tensor.fill_(value)
      case .normal(let std): tensor.normal_(std: std, generator: generator)
      case .truncatedNormal(let std):
        Self.fillTruncated(tensor, std: std, bound: 2 / std, generator)
      case .xavierUniform, .xavierUniformOfRows:
        let rows = [tensor.size(0), tensor.count / Swift.max(1, tensor.size(0))]
        let (fanIn, fanOut) = Self.fans(self == .xavierUniform ? tensor.shape : rows)
        let bound = (6 / Double(fanIn + fanOut)).squareRoot()
        tensor.uniform_(-bound, bound, generator: generator)
      case .lecunNormal:
        // The standard deviation of a standard normal truncated to -2...2.
        let truncatedStd = 0.87962566103423978
        let std = (1 / Double(Self.fans(tensor.shape).fanIn)).squareRoot() / truncatedStd
        Self.fillTruncated(tensor, std: std, bound: 2, generator)
      case .uniformByFanIn(let fanIn):
        let bound = 1 / Double(fanIn).squareRoot()
        tensor.uniform_(-bound, bound, generator: generator)
      }
    }
  }

  /// The input's and the output's fan of a weight of at least two dims.
  static func fans(_ shape: [Int]) -> (fanIn: Int, fanOut: Int) {
    precondition(shape.count >= 2, "a fan needs a weight of at least two dims, got \(shape)")
    let receptiveField = shape.dropFirst(2).reduce(1, *)
    return (shape[1] * receptiveField, shape[0] * receptiveField)
  }

  /// A normal cut at ±bound deviations, by the inverse of its distribution function.
  private static func fillTruncated(_ tensor: Tensor, std: Double, bound: Double, _ generator: Generator) {
    let edge = erf(bound / 2.0.squareRoot())
    tensor.uniform_(-edge, edge, generator: generator).erfinv_().mul_(std * 2.0.squareRoot())
    // Where rounding put the edge at ±1, the inverse error function is infinite.
    tensor.clamp_(min: -bound * std, max: bound * std)
  }
}
