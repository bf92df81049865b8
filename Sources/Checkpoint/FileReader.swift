import CISAL
import Foundation

/// Positioned reads from an open file. A file that shrinks while it is read gives an error; a mapped one would end the
/// process.
final class FileReader {
  /// Bytes of one read: still in the processor's cache when their checksum is taken.
  private static let chunk = 1 << 20

  let path: String
  let size: Int
  /// The bytes from the file's start that were read in order, and their checksum.
  private(set) var summed = FileContents(bytes: 0, crc: 0)
  private let descriptor: Int32

  init(path: String) throws(CheckpointError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotAccess(path: path, reason: String(cString: strerror(errno))) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .cannotAccess(path: path, reason: "it is not a file")
    }
    self.path = path
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CheckpointError) {
    var done = 0
    while done < buffer.count {
      let start = buffer.baseAddress! + done
      let count = pread(descriptor, start, min(Self.chunk, buffer.count - done), off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it ends early" : String(cString: strerror(errno))
        throw .cannotAccess(path: path, reason: reason)
      }
      if offset + done == summed.bytes {
        summed.bytes += count
        summed.crc = cisal_crc32c_extend(summed.crc, start, count)
      }
      done += count
    }
  }

  /// `count` bytes from `offset`.
  func bytes(at offset: Int, count: Int) throws(CheckpointError) -> [UInt8] {
    var failure: CheckpointError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(CheckpointError) {
        try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
