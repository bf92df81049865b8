// The open files of a set of shards: as many as are used, up to a limit far below what a process may have open.

import Synchronization
import TFRecord

/// Opens shards when they are read first, and closes those that have not been read for the longest time. May be used from
/// any thread.
final class ShardFiles: Sendable {
  private struct State {
    var open: [Int: (file: RecordFile, lastUse: Int)] = [:]
    var clock = 0
  }

  private static let limit = 128
  private let paths: [BytePath]
  private let sizes: [Int]
  private let state = Mutex(State())

  /// The files at `paths`, which must have these sizes whenever they are opened.
  init(paths: [BytePath], sizes: [Int]) {
    self.paths = paths
    self.sizes = sizes
  }

  /// A shard. Throws `RecordError`, or a `FileError` where the system has no descriptors left.
  func file(_ shard: Int) throws -> RecordFile {
    if let file = used(shard) { return file }
    let file = try Self.open(paths[shard])
    guard file.size == sizes[shard] else {
      throw RecordError(path: file.path, offset: 0, reason: .changed(size: file.size, expected: sizes[shard]))
    }
    // Who still reads the file that is let go of keeps it open until it is done.
    return state.withLock { state in
      if let other = state.open[shard]?.file { return other }
      if state.open.count >= Self.limit, let oldest = state.open.min(by: { $0.value.lastUse < $1.value.lastUse }) {
        state.open[oldest.key] = nil
      }
      state.clock += 1
      state.open[shard] = (file, state.clock)
      return file
    }
  }

  /// Opens a file. Throws as `file(_:)`.
  static func open(_ path: BytePath) throws -> RecordFile {
    do throws(RecordError) {
      return try RecordFile(path)
    } catch {
      if case .exhausted(let code) = error.reason { throw FileError("open", path, code: code) }
      throw error
    }
  }

  private func used(_ shard: Int) -> RecordFile? {
    state.withLock { state in
      guard let file = state.open[shard]?.file else { return nil }
      state.clock += 1
      state.open[shard] = (file, state.clock)
      return file
    }
  }
}
