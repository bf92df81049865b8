// Times of exchanges between ranks, beside what the formulas of `vitrail plan` make of a latency and a bandwidth.
import Foundation
public import Parallelism
public import Settings
import Telemetry
import Torch

/// A measurement of the network between ranks, by collectives of growing numbers of them.
public struct CollectiveBenchmark: Sendable {
  /// What is measured.
  public enum Operation: String, Sendable, CaseIterable {
    /// Every rank ends with the sum of all.
    case allReduce = "all_reduce"
    /// Every rank ends with its part of the sum.
    case reduceScatter = "reduce_scatter"
    /// Every rank ends with the parts of all.
    case allGather = "all_gather"
    /// Every rank ends with what the first has.
    case broadcast
  }

  /// One operation on vectors of one size, over some ranks.
  public struct Row: Sendable {
    /// The operation.
    public let operation: Operation
    /// Bytes of the whole vector.
    public let bytes: Int
    /// The ranks that took part.
    public let ranks: Int
    /// The median over the calls, of the slowest rank in each.
    public let seconds: Double
  }

  /// By ranks, operation and bytes.
  public let rows: [Row]
  /// Bytes a second that all ranks together copy, each from one place of its memory to another.
  public let copyRate: Double

  /// Seconds of an empty message: half of the smallest all-reduce of two ranks, which sends two in turn.
  public var latency: Double { (pair.map(\.seconds).min() ?? 0) / 2 }

  /// Bytes a second of a message, by the largest all-reduce of two ranks.
  public var bandwidth: Double {
    guard let largest = pair.max(by: { $0.bytes < $1.bytes }) else { return 0 }
    return Double(largest.bytes) / max(1e-9, largest.seconds - 2 * latency)
  }

  private var pair: [Row] { rows.filter { $0.operation == .allReduce && $0.ranks == 2 } }

  /// Measures over the first 2, 4, 8 and so on of the ranks, and over all.
  /// - Parameters:
  ///   - sizes: bytes of the vectors; each has at least one number of every rank.
  ///   - seconds: about how long all takes; every measurement makes at least five calls.
  /// - Returns: what was measured, on the first rank; nil on the others.
  /// - Throws: `CollectiveError`.
  public static func run(
    over group: ProcessGroup, sizes: [Int] = [4, 64_000, 1_000_000, 25_000_000], seconds: Double
  ) throws(CollectiveError) -> CollectiveBenchmark? {
    precondition(group.size > 1 && !sizes.isEmpty, "exchanges need ranks and sizes")
    let counts = Array(sequence(first: 2) { $0 * 2 }.prefix { $0 < group.size }) + [group.size]
    let budget = seconds / Double(counts.count * sizes.count * Operation.allCases.count)
    var rows: [Row] = []
    for ranks in counts {
      if group.rank < ranks {
        let part = ranks == group.size ? group : try group.subgroup(Array(0..<ranks), named: "first-\(ranks)")
        for operation in Operation.allCases {
          for size in sizes {
            let numbers = (size + 4 * ranks - 1) / (4 * ranks) * ranks
            let median = try measure(operation, numbers: numbers, over: part, budget: budget)
            rows.append(Row(operation: operation, bytes: 4 * numbers, ranks: ranks, seconds: median))
          }
        }
      }
      try group.barrier("between measurements")
    }
    let bytes = 50_000_000
    let (source, target) = (Tensor.ones([bytes / 4]), Tensor.zeros([bytes / 4]))
    let copying = try median(over: group, budget: budget) { () throws(CollectiveError) in
      withoutGrad { _ = target.copy_(source) }
    }
    guard group.isFirst else { return nil }
    return CollectiveBenchmark(rows: rows, copyRate: Double(bytes * group.size) / copying)
  }

  private static func measure(
    _ operation: Operation, numbers: Int, over group: ProcessGroup, budget: Double
  ) throws(CollectiveError) -> Double {
    let (whole, part) = (Tensor.zeros([numbers]), Tensor.zeros([numbers / group.size]))
    let name = "a measurement"
    return try median(over: group, budget: budget) { () throws(CollectiveError) in
      switch operation {
      case .allReduce: try group.allReduce(whole, name)
      case .reduceScatter: try group.reduceScatter(whole, into: part, name)
      case .allGather: try group.allGather(part, into: whole, name)
      case .broadcast: try group.broadcast(whole, name)
      }
    }
  }

  /// The median time of a call that all ranks of a group begin together, of the slowest of them.
  private static func median(
    over group: ProcessGroup, budget: Double, _ call: () throws(CollectiveError) -> Void
  ) throws(CollectiveError) -> Double {
    func once() throws(CollectiveError) -> Double {
      try group.barrier("before a measurement")
      let start = monotonicSeconds()
      try call()
      return monotonicSeconds() - start
    }
    // The first call sets up what the others use.
    _ = try once()
    let trial = Tensor([try once()])
    try group.allReduce(trial, "the time of a trial", .max)
    var times: [Double] = []
    for _ in 0..<Int(min(500, max(5, budget / max(1e-6, trial.item())))) { times.append(try once()) }
    let slowest = Tensor(times)
    try group.allReduce(slowest, "the times of calls", .max)
    return Benchmark.median(of: slowest.doubles())
  }

  /// Seconds by the formulas of `vitrail plan`; of a broadcast, by a binomial tree.
  public func predicted(_ row: Row) -> Double {
    let kind: Collective.Kind? =
      switch row.operation {
      case .allReduce: .allReduce
      case .reduceScatter: .reduceScatter
      case .allGather: .allGather
      case .broadcast: nil
      }
    guard let kind else {
      return ceil(log2(Double(row.ranks))) * (latency + Double(row.bytes) / bandwidth)
    }
    let collective = Collective(kind: kind, what: "", bytes: Double(row.bytes), callsPerStep: 1, pieces: 1)
    return collective.seconds(ranks: row.ranks, bandwidth: bandwidth, latency: latency)
  }

  /// Seconds that the copies alone take where all ranks share one machine: what a rank sends is copied into the kernel, and
  /// out of it, at the rate of all ranks together. Of an all-reduce and what is made of it, around a ring.
  public func copies(_ row: Row) -> Double {
    let share = Double((row.ranks - 1) * row.bytes)
    return 2 * (row.operation == .allReduce ? 2 * share : share) / copyRate
  }

  /// The object that `docs/formats/bench.md` describes.
  public var value: OptionsValue {
    .mapping([
      .init("mode", .string("collectives")), .init("ranks", .int(Int64(rows.map(\.ranks).max() ?? 0))),
      .init("latency", .double(latency)), .init("bandwidth", .double(bandwidth)), .init("copy_rate", .double(copyRate)),
      .init(
        "collectives",
        .list(
          rows.map { row in
            .mapping([
              .init("operation", .string(row.operation.rawValue)), .init("ranks", .int(Int64(row.ranks))),
              .init("bytes", .int(Int64(row.bytes))), .init("seconds", .double(row.seconds)),
              .init("predicted_seconds", .double(predicted(row))), .init("copy_seconds", .double(copies(row))),
            ])
          })), .init("hardware", HardwareDescription.current(device: .cpu).value),
    ])
  }

  /// A table for people.
  public var text: String {
    var table = TextTable(
      ["operation", "ranks", "bytes", "measured, ms", "predicted, ms", "copies, ms"],
      alignment: [.left, .right, .right, .right, .right, .right])
    for row in rows {
      table.append(
        [row.operation.rawValue.replacingOccurrences(of: "_", with: "-"), "\(row.ranks)", "\(row.bytes)"]
          + [row.seconds, predicted(row), copies(row)].map { String(format: "%.3f", 1000 * $0) })
    }
    let head = String(
      format: "of two ranks: latency %.1f us, bandwidth %.3f GB/s; all ranks together copy %.2f GB/s\n",
      1e6 * latency, bandwidth / 1e9, copyRate / 1e9)
    let advice = String(
      format: "for vitrail plan: --network %.3fGB/s --latency %.1fus\n", bandwidth / 1e9, 1e6 * latency)
    return head + advice + "\n" + table.text
  }
}
