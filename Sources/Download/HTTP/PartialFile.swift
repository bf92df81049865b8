// The file that a download grows in, locked so that two processes never write to it at once.
//
// Beside `NAME.part` lies `NAME.part.json` with its `ResumeState`. The order of writes keeps both consistent however the
// process ends: the old bytes go first, then the state of the new ones is written as a whole, then they come.

import Dataset
import Foundation

/// A growing file and what is known of it. One thread at a time.
final class PartialFile: @unchecked Sendable {
  private static let maxStateBytes = 64 << 10

  /// Where it lies.
  let path: BytePath
  /// How many bytes are there.
  private(set) var size: Int
  /// What is known of them; nil where nothing is, and they are of no use then.
  private(set) var state: ResumeState?
  private let descriptor: Int32

  private var statePath: BytePath { BytePath(bytes: path.bytes + Array(".json".utf8)) }

  /// Opens or creates the file. Throws `DownloadError.inUse` where another process has it, and a `FileError`.
  init(_ path: BytePath) throws {
    self.path = path
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_APPEND
    let descriptor = Int32(SystemCall.retrying { path.withCString { Int(open($0, flags, 0o644)) } })
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    self.descriptor = descriptor
    var status = stat()
    var named = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError("write", path, reason: "it is not a regular file")
    }
    // A process that has just finished takes the name away; then this lock is on a file that nobody sees.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, path.withCString({ lstat($0, &named) }) == 0,
      named.st_ino == status.st_ino
    else {
      close(descriptor)
      throw DownloadError.inUse(path.description)
    }
    size = Int(status.st_size)
    if let bytes = try? FileReader.read(statePath, limit: Self.maxStateBytes) {
      state = try? JSONDecoder().decode(ResumeState.self, from: Data(bytes))
    }
  }

  deinit { close(descriptor) }

  /// Drops all bytes and says what the next ones are.
  func restart(_ state: ResumeState) throws {
    guard ftruncate(descriptor, 0) == 0 else { throw FileError("write", path, code: errno) }
    size = 0
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileWriter.writeAtomically([UInt8](try encoder.encode(state)), to: statePath)
    self.state = state
  }

  /// Adds bytes at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    let code = SystemCall.writeAll(bytes, to: descriptor)
    guard code == 0 else { throw FileError("write", path, code: code) }
    size += bytes.count
  }

  /// Removes the file and its state.
  func remove() {
    for path in [statePath, path] { _ = path.withCString { unlink($0) } }
    size = 0
    state = nil
  }
}
