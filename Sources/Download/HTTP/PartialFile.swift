// The file that a download grows in, locked so that two processes never write to it at once.
//
// Beside `NAME.part` lies `NAME.part.json` with its `ResumeState`. The order of writes keeps both consistent however the
// process ends: the old bytes go first, then the state of the new ones is written as a whole, then they come.

import Files
import Foundation

/// Where the bytes of a partial file came from.
struct ResumeState: Codable, Equatable {
  /// The address that was asked for.
  var url: String
  /// The server's name for this version of the file: a strong entity tag, else the time of its last change. Without
  /// one the rest could be that of another version.
  var validator: String?
  /// The size of the whole file, where the server told it.
  var total: Int?
}

/// A growing file and what is known of it. One thread at a time.
final class PartialFile: @unchecked Sendable {
  private static let maxStateBytes = 64 << 10

  /// Where it lies.
  let path: BytePath
  /// How many bytes are there.
  private(set) var size: Int
  /// What is known of them; nil where nothing is, and they are of no use then.
  private(set) var state: ResumeState?
  private let file: OutputFile

  private var statePath: BytePath { BytePath(bytes: path.bytes + Array(".json".utf8)) }

  /// Opens or creates the file. Throws `DownloadError.inUse` where another process has it, and a `FileError`.
  init(_ path: BytePath) throws {
    self.path = path
    file = try OutputFile(appendingTo: path)
    // A process that has just finished takes the name away; then this lock is on a file that nobody sees.
    guard try file.lock(), file.isStillAtPath else { throw DownloadError.inUse(path.description) }
    size = try file.size()
    if let bytes = try? FileReader.read(statePath, limit: Self.maxStateBytes) {
      state = try? JSONDecoder().decode(ResumeState.self, from: Data(bytes))
    }
  }

  /// Drops all bytes and says what the next ones are.
  func restart(_ state: ResumeState) throws {
    try file.truncate()
    size = 0
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileWriter.writeAtomically([UInt8](try encoder.encode(state)), to: statePath)
    self.state = state
  }

  /// Adds bytes at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try file.write(bytes)
    size += bytes.count
  }

  /// Removes the file and its state.
  func remove() {
    for path in [statePath, path] { FileTree.removeFile(path) }
    size = 0
    state = nil
  }
}
