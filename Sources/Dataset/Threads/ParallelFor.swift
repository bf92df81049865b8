// Work on many independent items, on several threads.

import Synchronization

/// Calls `body` with 0 ..< count on up to `numThreads` threads, the calling one among them. Where the system grants fewer
/// threads, those that there are do all the work. After an error no further number is begun; when those under way are
/// done, the error is thrown, of several the one with the lowest number.
package func parallelFor(
  _ count: Int, numThreads: Int, _ body: @escaping @Sendable (_ index: Int) throws -> Void
) throws {
  let state = Mutex(ParallelState())
  let work: @Sendable () -> Void = {
    while let index = state.withLock({ $0.claim(below: count) }) {
      do { try body(index) } catch {
        state.withLock { $0.fail(index, error) }
      }
    }
  }
  var threads: [WorkerThread] = []
  for _ in 1..<max(1, min(numThreads, count)) {
    guard let thread = try? WorkerThread(work) else { break }
    threads.append(thread)
  }
  work()
  for thread in threads { thread.join() }
  if let failure = state.withLock({ $0.failure }) { throw failure.error }
}

/// What `body` makes of each of 0 ..< count, in order. Threads and errors as of `parallelFor`.
package func parallelMap<Value: Sendable>(
  _ count: Int, numThreads: Int, _ body: @escaping @Sendable (_ index: Int) throws -> Value
) throws -> [Value] {
  let values = Mutex([Value?](repeating: nil, count: count))
  try parallelFor(count, numThreads: numThreads) { index in
    let value = try body(index)
    values.withLock { $0[index] = value }
  }
  return values.withLock { $0.compactMap(\.self) }
}

private struct ParallelState {
  private var next = 0
  private(set) var failure: (index: Int, error: any Error)?

  /// The next number that nobody has; nil where there is none, or something failed.
  mutating func claim(below count: Int) -> Int? {
    guard failure == nil, next < count else { return nil }
    next += 1
    return next - 1
  }

  mutating func fail(_ index: Int, _ error: any Error) {
    if index < failure?.index ?? .max { failure = (index, error) }
  }
}
