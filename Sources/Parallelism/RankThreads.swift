import Foundation
import Synchronization
import Torch

extension ProcessGroup {
  /// Runs `body` on so many ranks that are threads of this process, over the same Gloo that joins processes: for tests.
  /// - Returns: what each rank gave.
  /// - Throws: the error of the first rank that threw.
  public static func withThreads<Result: Sendable>(
    _ size: Int, timeout: Double = 30, _ body: @escaping @Sendable (ProcessGroup) throws -> Result
  ) throws -> [Result] {
    let outcomes = try outcomesOfThreads(size, timeout: timeout, body)
    // What follows from another rank's failure comes after the failure.
    for case .failure(let error) in outcomes where !(error is CollectiveError) { throw error }
    return try outcomes.map { try $0.get() }
  }

  /// The same, with what became of each rank.
  public static func outcomesOfThreads<Result: Sendable>(
    _ size: Int, timeout: Double = 30, _ body: @escaping @Sendable (ProcessGroup) throws -> Result
  ) throws -> [Swift.Result<Result, any Error>] {
    let store = try RendezvousStore.local()
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    let threads = DispatchGroup()
    for rank in 0..<size {
      threads.enter()
      let thread = Thread {
        let result = Swift.Result {
          let group = try ProcessGroup.meet(
            at: store, host: nil, place: "a store of this process", name: "threads", rank: rank, size: size,
            timeout: timeout)
          do { return try body(group) } catch {
            if !(error is CollectiveError) { group.announceFailure("\(error)") }
            throw error
          }
        }
        results.withLock { $0[rank] = result }
        threads.leave()
      }
      // As much as a main thread has: a backward pass goes deep.
      thread.stackSize = 16 << 20
      thread.start()
    }
    threads.wait()
    return results.withLock { all in (0..<size).map { all[$0]! } }
  }
}
