import Torch

/// Which parameters of a group take a step that is scaled by a ratio of norms.
public enum TrustAdaptation: String, Codable, Sendable, CaseIterable {
  /// All.
  case all
  /// Those that are not exempt from weight decay: matrices, but no biases, norms, tokens and positions.
  case unexempt
  /// Those that decay, as in timm: none where the weight decay is 0.
  case decaying

  func adapts(_ group: ParameterGroup, weightDecay: Double) -> Bool {
    switch self {
    case .all: true
    case .unexempt: group.weightDecayScale != 0
    case .decaying: group.weightDecayScale * weightDecay != 0
    }
  }
}

/// Sums of squares over the parameters of all groups, on which a step of LAMB or LARS depends.
final class ParameterSums {
  private static let squares = FlatOp("segment_squares")

  /// The bounds of each group's parameters in the part that is stepped here.
  let bounds: [Tensor]
  /// float64 [rows, parameters] over all groups.
  let all: Tensor
  /// The columns of each group.
  let ofGroups: [Tensor]
  private let sumOverShards: ((Tensor) -> Void)?

  init(_ memory: OptimizerMemory, rows: Int = 2) {
    bounds = memory.makeBounds()
    let counts = memory.groups.map(\.parameters.count)
    let all = Tensor.zeros(
      [rows, counts.reduce(0, +)], dtype: .float64, device: memory.device)
    self.all = all
    sumOverShards = memory.groups.first?.shard?.sumOverShards
    var start = 0
    ofGroups = counts.map { count in
      defer { start += count }
      return all.narrow(1, start: start, length: count)
    }
  }

  /// Sums of squares of one buffer of each part, in one row.
  func sum(_ buffers: [Tensor], row: Int, by memory: OptimizerMemory) {
    for (index, buffer) in buffers.enumerated() {
      memory.callee(Self.squares).void(buffer, bounds[index], ofGroups[index].select(0, row))
    }
  }

  /// Makes the sums those of all processes.
  func share() { sumOverShards?(all) }
}
