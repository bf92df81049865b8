// How much memory the threads that decode may take together.
//
// A scan takes room for a file before it reads it, and room for the pixels before it decodes them; a loader and the packing
// of shards, which read a file where they need it, take room for both before they decode. A file that is larger than all
// the room is read when no one else holds any; an image that is larger is decoded when no one else decodes. So there is
// always someone who goes on, and the memory stays below the limit plus the largest single image (and, of a loader, a
// file for each thread that waits).

import Foundation

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

/// The memory of the machine, in bytes.
public enum SystemMemory {
  /// All memory of the machine.
  public static var total: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// What new work can have without swapping, by the system's own estimate; nil where it does not tell.
  public static var available: Int? {
    availableBytes(memoryInfo: try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))
  }

  /// The control group's limit; nil where there is none.
  public static var limit: Int? {
    let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// What decoding may take unless it is told otherwise: a quarter of the machine's memory or, where it is less, of the
  /// control group's limit.
  public static let decodingShare = max(1, min(total, limit ?? .max) / 4)

  /// `MemAvailable:   123 kB`
  static func availableBytes(memoryInfo: String?) -> Int? {
    guard let line = memoryInfo?.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else {
      return nil
    }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
