// What a file must hash to.

/// A SHA-256 that a file is checked against.
public struct Checksum: Equatable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the hash.
  public let digest: [UInt8]

  init(digest: [UInt8]) {
    precondition(digest.count == 32, "a SHA-256 has 32 bytes, not \(digest.count)")
    self.digest = digest
  }

  /// Reads `sha256:` and 64 hexadecimal digits, of either case. Throws `DownloadError.badChecksum`.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts.count == 2 ? Array(parts[1].utf8) : []
    guard parts.first == "sha256", digits.count == 64 else { throw DownloadError.badChecksum(text) }
    digest = try stride(from: 0, to: 64, by: 2).map { index in
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
        throw DownloadError.badChecksum(text)
      }
      return high << 4 | low
    }
  }

  /// The form that `init(parsing:)` reads.
  public var description: String {
    "sha256:" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
