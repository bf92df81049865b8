// The log of a quarantine: one JSON object a line, appended before each move.

import Foundation
import Settings

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Appends to a quarantine's log.
struct QuarantineLog {
  private let path: BytePath
  private let descriptor: Int32

  /// Opens or makes the file. Throws a `FileError`.
  init(_ path: BytePath) throws {
    self.path = path
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    descriptor = Int32(retryingInterrupts { path.withCString { Int(open($0, flags, 0o644)) } })
    guard descriptor >= 0 else { throw FileError("write", path, code: errno) }
  }

  /// Adds a line in one piece.
  func add(action: String, path file: BytePath, reason: String) throws {
    var entries: [OptionsValue.Entry] = [.init("action", .string(action)), .init("time", .int(Int64(time(nil))))]
    entries += file.entries("path")
    if !reason.isEmpty { entries.append(.init("reason", .string(reason))) }
    let line = Array((OptionsValue.mapping(entries).compactJSON + "\n").utf8)
    let written = line.withUnsafeBytes { bytes in
      retryingInterrupts { write(descriptor, bytes.baseAddress!, bytes.count) }
    }
    guard written == line.count else { throw FileError("write", path, code: written < 0 ? errno : ENOSPC) }
  }

  /// Flushes to the disk and closes.
  func close() {
    fsync(descriptor)
    _ = systemClose(descriptor)
  }
}

private func systemClose(_ descriptor: Int32) -> Int32 {
  #if canImport(Glibc)
    Glibc.close(descriptor)
  #elseif canImport(Musl)
    Musl.close(descriptor)
  #else
    Darwin.close(descriptor)
  #endif
}
