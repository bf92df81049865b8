// How much memory the threads that decode may take together.
//
// A scan takes room for a file before it reads it, and room for the pixels before it decodes them; a loader and the packing
// of shards, which read a file where they need it, take room for both before they decode. A file that is larger than all
// the room is read when no one else holds any; an image that is larger is decoded when no one else decodes. So there is
// always someone who goes on, and the memory stays below the limit plus the largest single image (and, of a loader, a
// file for each thread that waits).

/// Room that threads take and give back. Whoever holds some waits for nothing but room, so that nobody waits for ever.
final class MemoryBudget: @unchecked Sendable {
  private let limit: Int
  private let condition = Condition()
  private var numBytes = 0
  private var numDecoding = 0

  init(limit: Int) { self.limit = limit }

  /// Runs `body` with room for a file of `count` bytes.
  func withFile<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    condition.withLock {
      while numBytes > 0 && numBytes + count > limit { condition.wait() }
      numBytes += count
    }
    defer { give(back: count) }
    return try body()
  }

  /// Runs `body` with room for pixels of `count` bytes. Inside of `withFile`, or with the
  /// bytes of the file in `count`. Never inside of another call of it.
  func withPixels<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    condition.withLock {
      while numDecoding > 0 && numBytes + count > limit { condition.wait() }
      numBytes += count
      numDecoding += 1
    }
    defer {
      condition.withLock { numDecoding -= 1 }
      give(back: count)
    }
    return try body()
  }

  private func give(back count: Int) {
    condition.withLock {
      numBytes -= count
      condition.broadcast()
    }
  }
}
