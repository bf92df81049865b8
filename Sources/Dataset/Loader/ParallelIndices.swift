// Work on many independent items, on several threads.

import Synchronization

/// Calls with the numbers of a range, spread over threads.
enum ParallelIndices {
  private struct State {
    var next = 0
    var failure: (index: Int, error: any Error)?
  }

  /// What the threads share; a class, because a mutex cannot be captured.
  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  /// Calls `body` with 0 ..< count on up to `numThreads` threads, the calling one among them. After an error no further
  /// number is begun; of several errors the one with the lowest number is thrown.
  static func forEach(_ count: Int, numThreads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let shared = Shared()
    var threads: [WorkerThread] = []
    for _ in 1..<max(1, min(numThreads, count)) {
      // Where the system grants fewer threads, those that there are do all the work.
      guard let thread = try? WorkerThread({ run(count, shared, body) }) else { break }
      threads.append(thread)
    }
    run(count, shared, body)
    for thread in threads { thread.join() }
    if let failure = shared.state.withLock({ $0.failure }) { throw failure.error }
  }

  private static func run(_ count: Int, _ shared: Shared, _ body: (Int) throws -> Void) {
    while true {
      let claimed = shared.state.withLock { state -> Int? in
        guard state.failure == nil, state.next < count else { return nil }
        state.next += 1
        return state.next - 1
      }
      guard let index = claimed else { return }
      do {
        try body(index)
      } catch {
        shared.state.withLock { state in
          if index < state.failure?.index ?? .max { state.failure = (index, error) }
        }
      }
    }
  }
}
