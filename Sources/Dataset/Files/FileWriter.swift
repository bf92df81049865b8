// Writes, copies and links files so that what stands under a name is always whole.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Files

/// Writes, copies and links single files.
package enum FileWriter {
  /// Writes a file as a whole: into a temporary file beside it, flushed to the disk, renamed over the name. A link of
  /// that name is replaced, not followed: this is for names that we choose.
  package static func writeAtomically(_ bytes: [UInt8], to path: BytePath) throws {
    try stage(bytes, for: path, named: path) { try FileTree.rename($0, to: path) }
  }

  /// Writes an output that the user named: as a whole where it is a file or not there, behind a link where it is one,
  /// and straight into a pipe or a device.
  /// - Parameter isNew: refuse a file that exists.
  /// - Throws: a `FileError` with the path as the user wrote it; its code is `EEXIST` for a file that is refused.
  package static func writeOutput(_ bytes: [UInt8], to path: BytePath, isNew: Bool = false) throws {
    let place: OutputPlace
    do { place = try OutputPlace.find(path.bytes) } catch { throw FileError("write", path, code: error.code) }
    switch place {
    case .stream(let descriptor):
      defer { close(descriptor) }
      try writeAll(bytes[...], to: descriptor, path)
    case .file(let target):
      let target = BytePath(bytes: target)
      if isNew, FileTree.exists(target) { throw FileError("create", path, code: EEXIST) }
      try stage(bytes, for: target, named: path) {
        try isNew ? FileTree.moveWithoutReplacing($0, to: target) : FileTree.rename($0, to: target)
      }
    }
  }

  /// Writes a temporary file beside `target`, flushed to the disk, and calls `place` with it; it never stays. Errors name
  /// `path`.
  private static func stage(
    _ bytes: [UInt8], for target: BytePath, named path: BytePath, _ place: (BytePath) throws -> Void
  ) throws {
    let temporary = FileTree.uniqueSibling(of: target, suffix: "partial")
    do {
      try create(temporary, named: path, mode: 0o644) { descriptor in
        try writeAll(bytes[...], to: descriptor, path)
        guard fsync(descriptor) == 0 else { throw FileError("write", path, code: errno) }
      }
      try place(temporary)
    } catch {
      _ = temporary.withCString { unlink($0) }
      // The user knows the file that was asked for, not the one beside it.
      guard let error = error as? FileError, let code = error.code else { throw error }
      throw FileError(error.operation, path, code: code)
    }
  }

  /// Writes a new file in a folder that is renamed when it is whole: neither flushed nor renamed by itself. Throws where
  /// the file exists.
  package static func writeNew(_ bytes: [UInt8], to path: BytePath) throws {
    try create(path, named: path, mode: 0o644) { descriptor in try writeAll(bytes[...], to: descriptor, path) }
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
    try create(target, named: target, mode: 0o644) { output in
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

  /// Makes a file, which must not exist, for `body` to write; errors name `path`.
  private static func create(
    _ file: BytePath, named path: BytePath, mode: mode_t, _ body: (_ descriptor: Int32) throws -> Void
  ) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    let descriptor = Int32(retryingInterrupts { file.withCString { Int(open($0, flags, mode)) } })
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
