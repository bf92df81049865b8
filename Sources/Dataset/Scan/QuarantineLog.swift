// The log of a quarantine: one JSON object a line, appended before each move.

import Foundation
import Settings

/// Appends to a quarantine's log.
struct QuarantineLog {
  private let file: OutputFile

  /// Opens or makes the file, which must be no link. Throws a `FileError`.
  init(_ path: BytePath) throws(FileError) { file = try OutputFile(appendingTo: path, followsLinks: false) }

  /// Adds a line in one piece. Throws a `FileError`.
  func add(action: String, path: BytePath, reason: String) throws(FileError) {
    var entries: [OptionsValue.Entry] = [.init("action", .string(action)), .init("time", .int(Int64(time(nil))))]
    entries += path.entries("path")
    if !reason.isEmpty { entries.append(.init("reason", .string(reason))) }
    try file.write(Array((OptionsValue.mapping(entries).compactJSON + "\n").utf8))
  }

  /// Flushes to the disk, as far as it can be.
  func flush() { try? file.flush() }
}
