import Foundation
import Parallelism
public import Torch

/// What an evaluation counts of a batch, on the device: it adds up over batches, and so over processes.
public struct MetricSums {
  private let sums: StateDict
  private let rows: [(name: String, rows: Tensor)]

  /// Sums over the samples of a batch.
  /// - Parameters:
  ///   - sums: tensors of any shape, which is the same for every batch; float64 where many are added.
  ///   - rows: int64 [N, width], a row for each sample: for what as a sum would be a table without end.
  public init(_ sums: KeyValuePairs<String, Tensor>, rows: KeyValuePairs<String, Tensor> = [:]) {
    self.sums = StateDict(sums.map { (name: $0.key, tensor: $0.value) })
    self.rows = rows.map { (name: $0.key, rows: $0.value) }
  }

  /// The sums over some batches, on the host.
  public struct Values: Sendable {
    fileprivate var sums: [String: [Double]] = [:]
    fileprivate var rows: [String: [Int]] = [:]

    /// The elements of a sum, in row-major order; none of a name that was not counted.
    public subscript(name: String) -> [Double] { sums[name] ?? [] }
    /// The rows of all samples, one after the other.
    public subscript(rows name: String) -> [Int] { rows[name] ?? [] }
    /// A sum of one element; NaN of a name that was not counted.
    public func scalar(_ name: String) -> Double { self[name].first ?? .nan }
  }

  /// The sums over all batches. Waits for the device, once for each name.
  ///
  /// They are added one after the other, in the order of the batches, whichever rank counted each: so that they have the
  /// same bits for any number of ranks.
  /// - Parameters:
  ///   - batches: what this rank counted, with the batches' places in the set.
  ///   - group: the ranks that counted the others.
  /// - Throws: `CollectiveError`.
  static func values(of batches: [(index: Int, sums: MetricSums)], over group: ProcessGroup = .alone) throws -> Values {
    let own = onHost(batches)
    let all = group.size == 1 ? own : try group.gathered(own, "what an evaluation counted")
    return all.sorted { $0.index < $1.index }.reduce(into: Values()) { values, batch in
      values.sums.merge(batch.sums) { zip($0, $1).map(+) }
      values.rows.merge(batch.rows, uniquingKeysWith: +)
    }
  }

  /// What one batch counted, on the host.
  private struct Counted: Codable, Sendable {
    let index: Int
    var sums: [String: [Double]] = [:]
    var rows: [String: [Int]] = [:]
  }

  private static func onHost(_ batches: [(index: Int, sums: MetricSums)]) -> [Counted] {
    guard let first = batches.first?.sums else { return [] }
    var counted = batches.map { Counted(index: $0.index) }
    for name in first.sums.names {
      let values = withoutGrad {
        Tensor.stacked(batches.map { $0.sums.sums[name]!.to(.float64).reshape([-1]) })
      }.doubles()
      let width = values.count / batches.count
      for place in counted.indices { counted[place].sums[name] = Array(values[place * width..<(place + 1) * width]) }
    }
    for (kind, rows) in first.rows.enumerated() {
      let pieces = batches.map { $0.sums.rows[kind].rows }
      var values = withoutGrad { Tensor.concatenated(pieces) }.array(Int.self)[...]
      for (place, piece) in pieces.enumerated() {
        counted[place].rows[rows.name] = Array(values.prefix(piece.count))
        values = values.dropFirst(piece.count)
      }
    }
    return counted
  }
}

extension ProcessGroup {
  /// The elements of all ranks, in the ranks' order.
  func gathered<Element: Codable>(_ elements: [Element], _ what: String) throws -> [Element] {
    let all = try allGather(Array(try JSONEncoder.exact.encode(elements)), what)
    return try all.flatMap { try JSONDecoder.exact.decode([Element].self, from: Data($0)) }
  }
}

extension JSONEncoder {
  /// Writes every number so that it is read back to the bit, and numbers that are not finite.
  fileprivate static var exact: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  fileprivate static var exact: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
