import Files

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
