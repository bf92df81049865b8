// Writes, copies and links files so that what stands under a name is always whole.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes, copies and links single files.
package enum FileWriter {
  /// Writes a file as a whole: into a temporary file beside it, flushed to the disk, renamed over the name.
  package static func writeAtomically(_ bytes: [UInt8], to path: BytePath) throws {
    let temporary = FileTree.uniqueSibling(of: path, suffix: "partial")
    do {
      try create(temporary, mode: 0o644) { descriptor in
        try writeAll(bytes[...], to: descriptor, temporary)
        guard fsync(descriptor) == 0 else { throw FileError("write", temporary, code: errno) }
      }
      try FileTree.rename(temporary, to: path)
    } catch {
      _ = temporary.withCString { unlink($0) }
      // The user knows the file that was asked for, not the one beside it.
      guard let error = error as? FileError, let code = error.code else { throw error }
      throw FileError(error.operation, path, code: code)
    }
  }

  /// Writes a new file in a folder that is renamed when it is whole: neither flushed nor renamed by itself. Throws where
  /// the file exists.
  static func writeNew(_ bytes: [UInt8], to path: BytePath) throws {
    try create(path, mode: 0o644) { descriptor in try writeAll(bytes[...], to: descriptor, path) }
  }

  /// Copies the bytes of a regular file into a new file. Throws where `target` exists.
  static func copy(_ source: BytePath, to target: BytePath) throws {
    let input = Int32(retryingInterrupts { source.withCString { Int(open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) } })
    guard input >= 0 else { throw FileError("open", source, code: errno) }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0 else { throw FileError("read", source, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError("copy", source, reason: "it is not a regular file")
    }
    try create(target, mode: 0o644) { output in
      var buffer = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        let got = buffer.withUnsafeMutableBytes { bytes in
          retryingInterrupts { read(input, bytes.baseAddress!, bytes.count) }
        }
        guard got >= 0 else { throw FileError("read", source, code: errno) }
        if got == 0 { break }
        try writeAll(buffer[..<got], to: output, target)
      }
    }
  }

  /// Gives the file behind `source` (symbolic links are followed) a second name. Throws where `target` exists.
  static func hardLink(_ source: BytePath, to target: BytePath) throws {
    let status = source.withCString { from in
      target.withCString { linkat(AT_FDCWD, from, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
    }
    guard status == 0 else { throw FileError("link", source, code: errno) }
  }

  private static func create(_ path: BytePath, mode: mode_t, _ body: (_ descriptor: Int32) throws -> Void) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = Int32(retryingInterrupts { path.withCString { Int(open($0, flags, mode)) } })
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
    do { try body(descriptor) } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileError("write", path, code: errno) }
  }

  private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: BytePath) throws {
    try bytes.withUnsafeBytes { buffer in
      var rest = UnsafeRawBufferPointer(rebasing: buffer[...])
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = rest.count
        let written = retryingInterrupts { write(descriptor, base, count) }
        guard written > 0 else { throw FileError("write", path, code: errno) }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}
