import Dataset

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a regular file, from its start.
final class FileSource: ByteSource {
  /// How many bytes the file had when it was opened.
  let size: Int
  /// How many of them were read.
  private(set) var position = 0
  private let path: BytePath
  private let descriptor: Int32

  /// Opens the file. Throws a `FileError` where it cannot be opened or is not a regular file.
  init(_ path: BytePath) throws {
    self.path = path
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let descriptor = Int32(SystemCall.retrying { path.withCString { Int(open($0, flags)) } })
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError("read", path, reason: "it is not a regular file")
    }
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let got = SystemCall.retrying { SystemCall.read(descriptor, buffer.baseAddress!, buffer.count) }
    guard got >= 0 else { throw FileError("read", path, code: errno) }
    position += got
    return got
  }
}
