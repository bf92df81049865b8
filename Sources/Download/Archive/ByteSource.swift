// Where the bytes of an archive come from, one stage after the other.

import Files

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

/// The bytes of a regular file, from its start.
final class FileSource: ByteSource {
  /// How many bytes the file had when it was opened.
  var size: Int { file.size }
  /// How many of them were read.
  private(set) var position = 0
  private let file: FileReader

  /// Opens the file. Throws a `FileError` where it cannot be opened or is not a regular file.
  init(_ path: BytePath) throws(FileError) { file = try FileReader(path) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let got = try file.read(into: buffer, at: position)
    position += got
    return got
  }
}
