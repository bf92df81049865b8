// Why an archive was not unpacked.

/// An archive that is damaged, hostile or too large.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not begin as gzip does.
  case notGzip(archive: String, start: [UInt8])
  /// The data ends too early.
  case truncated(archive: String)
  /// The data contradicts itself.
  case corrupt(archive: String, reason: String)
  /// An entry that is not a plain file or folder inside the archive's own folder.
  case refused(archive: String, entry: String, reason: String)
  /// More files or bytes than the limits allow.
  case tooLarge(archive: String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notGzip(let archive, let start):
      let text = String(decoding: start.prefix(24).filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
      let seen = start.isEmpty ? "is empty" : text.count < 8 ? "is something else" : "begins with '\(text)'"
      return "'\(archive)' is not a .tar.gz archive: it \(seen); check the address"
    case .truncated(let archive):
      return "'\(archive)' ends too early; remove it and download it again"
    case .corrupt(let archive, let reason):
      return "'\(archive)' is damaged: \(reason); remove it and download it again"
    case .refused(let archive, let entry, let reason):
      return "'\(archive)' was refused for its entry '\(entry)': \(reason)"
    case .tooLarge(let archive, let reason):
      return "'\(archive)' was refused: \(reason)"
    }
  }
}
