// Reads files of pixels: one open, one stat, one read, a limit on the bytes.
//
// A name in an image folder can be anything: a pipe (opening one would wait for ever), a device, a folder, a file of
// terabytes. So a file is opened without waiting, checked to be a regular file, and its size is held against the limit
// before any memory is taken.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads whole files or their ends.
public enum FileReader {
  /// The limit where none is given, in bytes: 256 MiB, far above any photo.
  public static let defaultLimit = 256 << 20

  /// All bytes of a regular file. Throws a `FileError` when it cannot be opened or read, is not a regular file, or holds
  /// more than `limit` bytes.
  public static func read(_ path: BytePath, limit: Int = defaultLimit) throws -> [UInt8] {
    try withRegularFile(path) { descriptor, size in
      guard size <= limit else {
        throw FileError("read", path, reason: "it holds \(size) bytes, more than the limit of \(limit)")
      }
      return try read(descriptor, path, upTo: size)
    }
  }

  /// The first `head` bytes of a regular file followed by its last `tail` bytes, or all of it where it is no longer
  /// than both together, and its size.
  public static func readEnds(_ path: BytePath, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    try withRegularFile(path) { descriptor, size in
      if size <= head + tail { return (try read(descriptor, path, upTo: size), size) }
      let first = try read(descriptor, path, upTo: head)
      guard lseek(descriptor, off_t(size - tail), Int32(SEEK_SET)) >= 0 else {
        throw FileError("read", path, code: errno)
      }
      return (first + (try read(descriptor, path, upTo: tail)), size)
    }
  }

  private static func withRegularFile<Result>(
    _ path: BytePath, _ body: (_ descriptor: Int32, _ size: Int) throws -> Result
  ) throws -> Result {
    let descriptor = Int32(
      retryingInterrupts { path.withCString { Int(open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) } })
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError("read", path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError("read", path, reason: "it is not a regular file")
    }
    return try body(descriptor, Int(status.st_size))
  }

  private static func read(_ descriptor: Int32, _ path: BytePath, upTo size: Int) throws -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let start = count
        let got = retryingInterrupts { systemRead(descriptor, buffer.baseAddress! + start, size - start) }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        count += got
      }
    }
    guard failure == 0 else { throw FileError("read", path, code: failure) }
    return bytes
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.read(descriptor, buffer, count)
  #elseif canImport(Musl)
    Musl.read(descriptor, buffer, count)
  #else
    Darwin.read(descriptor, buffer, count)
  #endif
}
