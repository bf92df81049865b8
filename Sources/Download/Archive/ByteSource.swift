// Where the bytes of an archive come from, one stage after the other.

/// A source of bytes that ends.
protocol ByteSource: AnyObject {
  /// Fills a part of `buffer`, which is not empty, from its start. Returns how many bytes came: 0 at the end only.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
  /// Fills the buffer as far as there are bytes.
  func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
      if got == 0 { break }
      count += got
    }
    return count
  }

  /// The next `count` bytes; fewer at the end.
  func readBytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { $0.isEmpty ? 0 : try readFully(into: $0) }
    return Array(bytes.prefix(got))
  }
}
