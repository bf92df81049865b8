// Reads regular files by place. A file is never mapped into memory: one that shrinks while it is mapped kills the process.

import SystemPackage

/// A regular file that is open for reading, from any number of threads.
public final class FileReader: Sendable {
  /// The limit where none is given, in bytes: 256 MiB, far above any photo.
  public static let defaultLimit = 256 << 20

  /// Where the file was when it was opened.
  package let path: BytePath
  /// The size when it was opened, in bytes.
  package let size: Int
  private let file: OpenFile

  /// Opens a file. Throws a `FileError` where it cannot be opened, or is a folder, a pipe or a device.
  package init(_ path: BytePath) throws(FileError) {
    // A name can be anything: a pipe (opening one would wait for ever), a device, a folder.
    file = try FileError.naming("open", path) { () throws(Errno) in
      try OpenFile(path, .readOnly, [.nonBlocking, .noTerminal])
    }
    size = try file.regularSize(path, for: "read")
    self.path = path
  }

  /// Fills `buffer` from `offset`, and returns how many bytes there were: fewer only where the file ends.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let got: Int
      do {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        got = try file.descriptor.read(fromAbsoluteOffset: Int64(offset + done), into: rest)
      } catch {
        throw FileError("read", path, code: (error as? Errno ?? .ioError).rawValue)
      }
      if got == 0 { break }
      done += got
    }
    return done
  }

  /// `count` bytes from `offset`, fewer only where the file ends.
  package func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    // An empty array has no memory of its own to be filled.
    if count == 0 { return [] }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        let raw = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
        filled = try read(into: raw, at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// All bytes of a regular file. Throws a `FileError` when it cannot be opened or read, is not a regular file, or holds
  /// more than `limit` bytes, which is found before any memory is taken.
  public static func read(_ path: BytePath, limit: Int = defaultLimit) throws(FileError) -> [UInt8] {
    let file = try FileReader(path)
    guard file.size <= limit else {
      throw FileError("read", path, reason: "it holds \(file.size) bytes, more than the limit of \(limit)")
    }
    return try file.bytes(at: 0, count: file.size)
  }

  /// The first `head` bytes of a regular file followed by its last `tail` bytes, or all of it where it is no longer
  /// than both together, and its size.
  public static func readEnds(
    _ path: BytePath, head: Int, tail: Int
  ) throws(FileError) -> (bytes: [UInt8], fileSize: Int) {
    let file = try FileReader(path)
    if file.size <= head + tail { return (try file.bytes(at: 0, count: file.size), file.size) }
    return (try file.bytes(at: 0, count: head) + file.bytes(at: file.size - tail, count: tail), file.size)
  }
}
