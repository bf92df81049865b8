/// How the ranks of a world share a model and its batches: a box of data x pipeline x tensor ranks. Neighbours in rank
/// share tensors, which exchange the most; whole pipelines lie furthest apart in the stage. A pure value.
public struct DeviceMesh: Sendable, Hashable {
  /// The directions.
  public enum Axis: String, Sendable, CaseIterable {
    /// Ranks with the same part of the model and other samples.
    case data
    /// Stages of the model's layers.
    case pipeline
    /// Parts of each layer.
    case tensor
  }

  /// Ranks along each axis.
  public let sizes: [Axis: Int]

  /// A mesh of the given sizes.
  public init(data: Int = 1, pipeline: Int = 1, tensor: Int = 1) {
    precondition(data >= 1 && pipeline >= 1 && tensor >= 1, "an axis has at least one rank")
    sizes = [.data: data, .pipeline: pipeline, .tensor: tensor]
  }

  /// From the axis in which neighbours are furthest apart to that in which they are next to each other.
  private static let order: [Axis] = [.pipeline, .data, .tensor]

  /// The number of ranks.
  public var size: Int { Self.order.reduce(1) { $0 * sizes[$1]! } }

  /// Where a rank stands along an axis.
  public func coordinate(of rank: Int, along axis: Axis) -> Int {
    precondition((0..<size).contains(rank), "rank \(rank) of \(size)")
    return rank / stride(of: axis) % sizes[axis]!
  }

  /// The ranks that differ from `rank` along an axis alone, with `rank` itself, in order.
  public func ranks(along axis: Axis, through rank: Int) -> [Int] {
    let stride = stride(of: axis)
    let first = rank - coordinate(of: rank, along: axis) * stride
    return (0..<sizes[axis]!).map { first + $0 * stride }
  }

  /// From one rank to the next along an axis.
  private func stride(of axis: Axis) -> Int {
    Self.order[(Self.order.firstIndex(of: axis)! + 1)...].reduce(1) { $0 * sizes[$1]! }
  }
}
