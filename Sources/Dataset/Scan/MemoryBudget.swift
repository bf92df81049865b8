// How much memory the threads of a scan may take together.
//
// A thread takes room for its file before it reads it, and room for the pixels before it decodes them. A file that is
// larger than all the room is read when no one else holds any; an image that is larger is decoded when no one else
// decodes. So there is always someone who goes on, and the memory stays below the limit plus the largest single image.

/// Room that threads take and give back.
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

  /// Runs `body` with room for pixels of `count` bytes; to be called inside of `withFile`.
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
