// What can be wrong with a record file, and where.

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

  /// One line: the file, the record's offset, what is wrong.
  public var description: String {
    switch reason {
    case .system(let message): "\(path): \(message)"
    case .truncated: "\(path): the file ends inside the record at byte \(offset); write it again"
    case .corruptLength: "\(path): the length of the record at byte \(offset) is corrupt; write the file again"
    case .corruptPayload: "\(path): the record at byte \(offset) is corrupt; write the file again"
    case .tooLong(let length, let maximum):
      "\(path): the record at byte \(offset) has \(length) bytes, above the limit of \(maximum)"
    }
  }
}
