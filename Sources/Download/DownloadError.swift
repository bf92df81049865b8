// Why a set was not downloaded.

/// A download that was refused or failed.
public enum DownloadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A text that is no address this can use.
  case badURL(String, reason: String)
  /// A text that is no checksum.
  case badChecksum(String)
  /// Something stands already where the set should be.
  case outputNotEmpty(String)
  /// The path for the set is that of a file.
  case outputNotAFolder(String)
  /// Another process downloads to the same place.
  case inUse(String)
  /// The server answered that there is nothing to have.
  case status(url: String, code: Int)
  /// A redirect that is not followed.
  case redirect(url: String, reason: String)
  /// The server or the way to it failed too often; `kept` bytes lie in `partial`.
  case gaveUp(url: String, reason: String, kept: Int, partial: String)
  /// The connection is not safe, or the answer makes no sense.
  case refused(url: String, reason: String)
  /// More bytes than the set may have.
  case tooLarge(url: String, limit: Int)
  /// Another number of bytes than the set has.
  case wrongSize(source: String, size: Int, expected: Int)
  /// Other bytes than those of the set.
  case wrongChecksum(source: String, found: Checksum, expected: Checksum)
  /// Somebody asked to stop; `kept` bytes lie in `partial`.
  case stopped(kept: Int, partial: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .badURL(let text, let reason): "'\(text)' cannot be downloaded: \(reason)"
    case .badChecksum(let text): "'\(text)' is not a checksum; write sha256: and 64 hexadecimal digits"
    case .outputNotEmpty(let path):
      "'\(path)' is not empty, and a download never mixes with older files; choose a new folder or remove it"
    case .outputNotAFolder(let path): "'\(path)' is a file; choose a folder for the set"
    case .inUse(let path): "'\(path)' is in use: another process downloads to the same place; wait for it, or stop it"
    case .status(let url, let code):
      "\(url) cannot be downloaded: the server answered \(code)\(Self.meaning(of: code)); check the address, or give another "
        + "with --url"
    case .redirect(let url, let reason): "\(url) leads elsewhere: \(reason); give the right address with --url"
    case .gaveUp(let url, let reason, let kept, let partial):
      "\(url) failed too often: \(reason)"
        + (kept > 0
          ? "; \(kept) bytes are kept in '\(partial)', and the same command resumes there" : "; try again later")
    case .refused(let url, let reason): "\(url) cannot be downloaded: \(reason)"
    case .tooLarge(let url, let limit):
      "\(url) holds more than \(limit) bytes; check the address, or raise --max-size"
    case .wrongSize(let source, let size, let expected):
      "\(source) holds \(size) bytes and the set has \(expected); if it is the one you mean, give its --checksum, or none"
    case .wrongChecksum(let source, let found, let expected):
      "\(source) has the checksum \(found) and not \(expected); if it is the one you mean, give that with --checksum"
    case .stopped(let kept, let partial):
      kept > 0
        ? "stopped; \(kept) bytes are kept in '\(partial)', and the same command resumes there"
        : "stopped; nothing was left behind"
    }
  }

  /// True where the user has to ask for something else; false where the same command may work another time.
  public var isUsage: Bool {
    switch self {
    case .badURL, .badChecksum, .outputNotEmpty, .outputNotAFolder: true
    default: false
    }
  }

  /// True where nothing failed but somebody asked to stop.
  public var isStop: Bool { if case .stopped = self { true } else { false } }

  private static func meaning(of code: Int) -> String {
    switch code {
    case 401, 407: " (a password is needed)"
    case 403: " (forbidden)"
    case 404, 410: " (no such file)"
    default: ""
    }
  }
}
