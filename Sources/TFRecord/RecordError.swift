// What can be wrong with a record file, and where.

import Files

/// A fault of a record file.
public struct RecordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Sendable, Equatable {
    /// The file cannot be opened, read or written; the system's words.
    case system(String)
    /// The file ends inside a record.
    case truncated
    /// The checksum of a record's length is wrong.
    case corruptLength
    /// The checksum of a record's payload is wrong.
    case corruptPayload
    /// A record is longer than the reader accepts.
    case tooLong(length: UInt64, maximum: Int)
    /// The system has no file descriptor or no memory left: another file would fail as well.
    case exhausted(code: Int32)
    /// The index gives the record another size than its frame.
    case indexMismatch(size: Int, length: UInt64)
    /// The file has another size than when its index was made.
    case changed(size: Int, expected: Int)
    /// The payload is not what was expected: no Example, or one without the features that are needed.
    case unusable(String)
  }

  /// The file.
  public var path: String
  /// Where the record begins, in bytes from the start of the file.
  public var offset: Int
  /// What is wrong.
  public var reason: Reason

  /// Creates an error.
  public init(path: String, offset: Int, reason: Reason) {
    self.path = path
    self.offset = offset
    self.reason = reason
  }

  /// What the system said of the file.
  init(_ error: FileError, offset: Int = 0) {
    let isExhausted = error.operation == "open" && error.isSystemWide
    self.init(
      path: error.path, offset: offset,
      reason: isExhausted
        ? .exhausted(code: error.code ?? 0) : .system("cannot \(error.operation): \(error.reason)"))
  }

  /// One line: the file, the record's offset, what is wrong.
  public var description: String { "\(path): \(summary)" }

  /// The same without the file.
  public var summary: String {
    switch reason {
    case .system(let message): message
    case .truncated: "the file ends inside the record at byte \(offset); write it again"
    case .corruptLength: "the length of the record at byte \(offset) is corrupt; write the file again"
    case .corruptPayload: "the record at byte \(offset) is corrupt; write the file again"
    case .tooLong(let length, let maximum):
      "the record at byte \(offset) has \(length) bytes, above the limit of \(maximum)"
    case .exhausted(let code):
      "cannot open: \(FileError("open", BytePath(path), code: code).reason); raise the limit on open files (ulimit -n)"
    case .indexMismatch(let size, let length):
      "the index gives the record at byte \(offset) \(size) bytes, its frame \(length) and 16; write the index again "
        + "with 'vitrail data index'"
    case .changed(let size, let expected):
      "the file has \(size) bytes and had \(expected) when it was opened first; it must not change meanwhile"
    case .unusable(let reason): "the record at byte \(offset) cannot be used: \(reason)"
    }
  }
}
