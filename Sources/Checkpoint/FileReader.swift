import Foundation

/// Positioned reads from an open file. A file that shrinks while it is read gives an error; a mapped one would end the
/// process.
final class FileReader {
  let path: String
  let size: Int
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
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it ends early" : String(cString: strerror(errno))
        throw .cannotAccess(path: path, reason: reason)
      }
      done += count
    }
  }
}
