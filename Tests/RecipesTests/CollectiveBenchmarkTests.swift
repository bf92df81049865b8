import Foundation
import Parallelism
import Testing

@testable import Recipes

@Suite struct CollectiveBenchmarkTests {
  @Test func everyOperationOverEveryNumberOfRanks() throws {
    let found = try ProcessGroup.withThreads(4) {
      try CollectiveBenchmark.run(over: $0, sizes: [4, 400_000], seconds: 0.1)
    }
    #expect(found.map { $0 == nil } == [false, true, true, true])
    let rows = try #require(found[0]).rows
    #expect(rows.map(\.ranks) == Array(repeating: 2, count: 8) + Array(repeating: 4, count: 8))
    #expect(Set(rows.map { "\($0.operation) \($0.ranks) \($0.bytes)" }).count == 16)
    #expect(rows.filter { $0.ranks == 4 }.map(\.bytes) == Array(repeating: [16, 400_000], count: 4).flatMap { $0 })
    #expect(rows.allSatisfy { $0.seconds > 0 } && found[0]!.copyRate > 0)
  }

  /// Two ranks that need 2 ms for nothing and 6 ms for 4 MB have a latency of 1 ms and a bandwidth of 1 GB/s.
  @Test func predictionsByHand() {
    typealias Row = CollectiveBenchmark.Row
    let found = CollectiveBenchmark(
      rows: [
        Row(operation: .allReduce, bytes: 8, ranks: 2, seconds: 2e-3),
        Row(operation: .allReduce, bytes: 4_000_000, ranks: 2, seconds: 6e-3),
        Row(operation: .allReduce, bytes: 40_000_000, ranks: 4, seconds: 1),
      ], copyRate: 1e10)
    #expect(abs(found.latency - 1e-3) < 1e-12 && abs(found.bandwidth / 1e9 - 1) < 1e-12)
    func expect(_ operation: CollectiveBenchmark.Operation, _ predicted: Double, copies: Double) {
      let row = Row(operation: operation, bytes: 4_000_000, ranks: 4, seconds: 1)
      #expect(abs(found.predicted(row) - predicted) < 1e-9 && abs(found.copies(row) - copies) < 1e-9)
    }
    expect(.allReduce, 12e-3, copies: 4.8e-3)
    expect(.reduceScatter, 6e-3, copies: 2.4e-3)
    expect(.allGather, 6e-3, copies: 2.4e-3)
    expect(.broadcast, 10e-3, copies: 2.4e-3)
  }
}
