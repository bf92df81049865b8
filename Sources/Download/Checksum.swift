// What a file must hash to.

import Files

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

/// Compares a file with what is known of it.
enum FileCheck {
  /// Throws `DownloadError.wrongSize` or `.wrongChecksum`, under the name `source`, what `checkpoint` throws, and a
  /// `FileError`.
  static func check(
    _ path: BytePath, named source: String, _ expectation: DownloadExpectation, checkpoint: () throws -> Void
  ) throws {
    let file = try FileSource(path)
    if let size = expectation.size, size != file.size {
      throw DownloadError.wrongSize(source: source, size: file.size, expected: size)
    }
    guard let expected = expectation.checksum else { return }
    let found = try checksum(of: file, checkpoint: checkpoint)
    guard found == expected else {
      throw DownloadError.wrongChecksum(source: source, found: found, expected: expected)
    }
  }

  private static func checksum(of source: any ByteSource, checkpoint: () throws -> Void) throws -> Checksum {
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try checkpoint()
      let got = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
      if got == 0 { return Checksum(digest: hash.digest()) }
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
    }
  }
}
