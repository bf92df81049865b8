// Files whose size and checksum are known once they are written or read, by which a checkpoint knows them again.

import CISAL
import Files

/// The size of a file and the CRC-32C of its bytes.
public struct FileContents: Equatable, Codable, Sendable {
  /// The size.
  public internal(set) var bytes: Int
  /// The checksum.
  public internal(set) var crc: UInt32

  private enum CodingKeys: String, CodingKey {
    case bytes
    case crc = "crc32c"
  }

  init() { (bytes, crc) = (0, 0) }

  /// Reads what `encode` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    bytes = try values.decode(Int.self, forKey: .bytes)
    guard let crc = UInt32(try values.decode(String.self, forKey: .crc), radix: 16) else {
      throw DecodingError.dataCorruptedError(forKey: .crc, in: values, debugDescription: "no checksum")
    }
    self.crc = crc
  }

  /// Writes the size, and the checksum in hexadecimal.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(bytes, forKey: .bytes)
    try values.encode(Self.digits(crc), forKey: .crc)
  }

  /// Adds what follows.
  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes += more.count
    crc = cisal_crc32c_extend(crc, more.baseAddress, more.count)
  }

  /// Eight hexadecimal digits.
  static func digits(_ crc: UInt32) -> String {
    let digits = String(crc, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// What tells `found` from these contents; nil where nothing does.
  func difference(from found: FileContents) -> String? {
    if bytes != found.bytes { return "it has \(found.bytes) bytes, \(bytes) were saved" }
    guard crc != found.crc else { return nil }
    return "its checksum is \(Self.digits(found.crc)), \(Self.digits(crc)) was saved"
  }
}

/// Positioned reads from an open file. A file that shrinks while it is read gives an error; a mapped one would end the
/// process.
final class SummedReader {
  /// Bytes of one read: still in the processor's cache when their checksum is taken.
  private static let chunk = 1 << 20

  let path: String
  var size: Int { file.size }
  /// The bytes from the file's start that were read in order, and their checksum.
  private(set) var summed = FileContents()
  private let file: FileReader

  init(path: String) throws(CheckpointError) {
    self.path = path
    do throws(FileError) { file = try FileReader(BytePath(path)) } catch { throw CheckpointError(path: path, error) }
  }

  /// Fills `buffer` from `offset`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    var done = 0
    while done < buffer.count {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer[done..<min(done + Self.chunk, buffer.count)])
      let count: Int
      do throws(FileError) { count = try file.read(into: part, at: offset + done) } catch {
        throw CheckpointError(path: path, error)
      }
      guard count == part.count else { throw .cannotAccess(path: path, reason: "it ends early") }
      if offset + done == summed.bytes { summed.append(UnsafeRawBufferPointer(part)) }
      done += count
    }
  }

  /// `count` bytes from `offset`.
  func bytes(at offset: Int, count: Int) throws(CheckpointError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(CheckpointError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return bytes
  }
}

/// Writes a file beside its destination and puts it in place in one step, so that a reader, or a crash, sees the former
/// file or the whole new one. What stands behind a link is replaced, not the link; a pipe or a device is written to.
final class SummedWriter {
  private let path: String
  private let file: StagedFile
  /// Size and checksum of what has been written.
  private(set) var contents = FileContents()

  init(path: String) throws(CheckpointError) {
    self.path = path
    do throws(FileError) { file = try StagedFile(output: BytePath(path)) } catch {
      throw CheckpointError(path: path, error)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    do throws(FileError) { try file.write(bytes) } catch { throw CheckpointError(path: path, error) }
    contents.append(bytes)
  }

  func write(_ bytes: [UInt8]) throws(CheckpointError) {
    try bytes.withUnsafeBufferPointer { bytes throws(CheckpointError) in try write(UnsafeRawBufferPointer(bytes)) }
  }

  /// Flushes to the disk and renames.
  func commit() throws(CheckpointError) {
    do throws(FileError) { try file.commit() } catch { throw CheckpointError(path: path, error) }
  }
}
