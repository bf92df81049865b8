/// Which part of a full tensor lies in this process: ranges of one dimension, one after the other. A process alone has
/// the whole of each.
public struct ShardLayout: Codable, Sendable, Equatable {
  /// The shape of the full tensor.
  public let fullShape: [Int]
  /// The dimension that is cut.
  public let dim: Int
  /// What of it lies here, in this order: one range, or three of a joined projection of queries, keys and values.
  public let ranges: [Range<Int>]

  /// The whole tensor.
  public init(whole shape: [Int]) {
    fullShape = shape
    dim = 0
    ranges = [0..<(shape.first ?? 1)]
  }

  /// Ranges of a dimension of a full tensor.
  public init(of fullShape: [Int], dim: Int, ranges: [Range<Int>]) {
    precondition(fullShape.indices.contains(dim), "a tensor of shape \(fullShape) has no dimension \(dim)")
    precondition(
      ranges.allSatisfy { 0 <= $0.lowerBound && $0.upperBound <= fullShape[dim] },
      "\(ranges) are not within dimension \(dim) of \(fullShape)")
    self.fullShape = fullShape
    self.dim = dim
    self.ranges = ranges
  }

  private enum CodingKeys: String, CodingKey { case fullShape, dim, ranges }

  /// Reads a layout from outside.
  /// - Throws: `DecodingError.dataCorrupted` where it is none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    fullShape = try values.decode([Int].self, forKey: .fullShape)
    dim = try values.decode(Int.self, forKey: .dim)
    ranges = try values.decode([Range<Int>].self, forKey: .ranges)
    let size = fullShape.isEmpty ? 1 : fullShape.indices.contains(dim) ? fullShape[dim] : -1
    guard size >= 0, fullShape.allSatisfy({ $0 >= 0 }),
      ranges.allSatisfy({ 0 <= $0.lowerBound && $0.upperBound <= size })
    else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "it is no layout"))
    }
  }

  /// Whether nothing is missing.
  public var isWhole: Bool { ranges == [0..<(fullShape.isEmpty ? 1 : fullShape[dim])] }

  /// The shape of what lies here.
  public var shape: [Int] {
    guard !fullShape.isEmpty else { return [] }
    var shape = fullShape
    shape[dim] = ranges.reduce(0) { $0 + $1.count }
    return shape
  }

  /// What of a full tensor belongs here; the tensor itself where that is all.
  public func part(of full: Tensor) -> Tensor {
    requireShape(full.shape == fullShape, "a part of \(fullShape) was asked of a tensor of shape \(full.shape)")
    if isWhole { return full }
    return Tensor.concatenated(
      ranges.map { full.narrow(dim, start: $0.lowerBound, length: $0.count) }, dim: dim)
  }
}
