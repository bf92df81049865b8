// Writes, copies and links files so that what stands under a name is always whole.

import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is open for writing at its end. Used by one thread at a time.
package final class OutputFile {
  /// The path that errors name.
  package let path: BytePath
  /// nil once it is closed.
  private var file: OpenFile?

  private init(_ file: consuming OpenFile, path: BytePath) {
    self.file = consume file
    self.path = path
  }

  /// Makes a file, which must not exist. Errors name it as `shown`. Throws a `FileError`.
  package convenience init(creating path: BytePath, shownAs shown: BytePath? = nil) throws(FileError) {
    let file = try FileError.naming("create", shown ?? path) { () throws(Errno) in
      try OpenFile(path, .writeOnly, [.create, .exclusiveCreate])
    }
    self.init(file, path: shown ?? path)
  }

  /// Opens a file, which is made where it is missing, for more bytes at its end. Throws a `FileError`, also, unless it is
  /// to be of any kind, for a link and for what is no regular file.
  package convenience init(appendingTo path: BytePath, ofAnyKind: Bool = false) throws(FileError) {
    let options: FileDescriptor.OpenOptions =
      ofAnyKind ? [.create, .append] : [.create, .append, .noFollow, .nonBlocking]
    let file = try FileError.naming("open", path) { () throws(Errno) in try OpenFile(path, .writeOnly, options) }
    if !ofAnyKind { _ = try file.regularSize(path, for: "write") }
    self.init(file, path: path)
  }

  /// Writes into a pipe or a device that is open.
  fileprivate convenience init(stream file: consuming OpenFile, shownAs shown: BytePath) {
    self.init(file, path: shown)
  }

  /// Adds bytes at the end. Throws a `FileError`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try naming { file throws(Errno) in try file.descriptor.writeWhole(bytes) }
  }

  /// Adds bytes at the end. Throws a `FileError`.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { bytes throws(FileError) in try write(UnsafeRawBufferPointer(bytes)) }
  }

  /// Drops all bytes. Throws a `FileError`.
  package func truncate() throws(FileError) {
    try naming { file throws(Errno) in _ = try checked { ftruncate(file.descriptor.rawValue, 0) } }
  }

  /// Forces what was written to the disk. Throws a `FileError`.
  package func flush() throws(FileError) { try naming { file throws(Errno) in try file.flush() } }

  /// The size in bytes. Throws a `FileError`.
  package func size() throws(FileError) -> Int {
    Int(try naming { file throws(Errno) in try Stat(file.descriptor) }.size)
  }

  /// Locks the file until it is closed; false where another one has the lock. Throws a `FileError`.
  package func lock() throws(FileError) -> Bool { try naming { file throws(Errno) in try file.lock() } }

  /// Whether the file still has its name, itself and not through a link.
  package var isStillAtPath: Bool { file?.isStill(at: path) ?? false }

  /// Closes the file. Throws a `FileError` where bytes did not reach it. Nothing can be done with it afterwards.
  package func close() throws(FileError) {
    guard let file = file.take() else { return }
    do throws(Errno) { try file.close() } catch { throw FileError("write", path, code: error.rawValue) }
  }

  private func naming<Result>(_ body: (borrowing OpenFile) throws(Errno) -> Result) throws(FileError) -> Result {
    do throws(Errno) {
      guard file != nil else { throw .badFileDescriptor }
      return try body(file!)
    } catch {
      throw FileError("write", path, code: error.rawValue)
    }
  }
}

/// A file that is written beside its place and put there in one step, so that a reader, or a crash, sees the former file
/// or the whole new one. What is not put in its place leaves nothing. Used by one thread at a time.
package final class StagedFile {
  private let path: BytePath
  private let output: OutputFile
  /// Where the file goes and where it is until then; nil for a pipe or a device.
  private var names: (target: BytePath, temporary: BytePath)?
  private let isNew: Bool

  /// A file under a name that we choose. A link of that name is replaced, not followed. Throws a `FileError`.
  package init(_ path: BytePath) throws(FileError) {
    self.path = path
    isNew = false
    let temporary = FileTree.uniqueSibling(of: path, suffix: "partial")
    output = try OutputFile(creating: temporary, shownAs: path)
    names = (path, temporary)
  }

  /// An output that the user named: as a whole where it is a file or not there, behind a link where it is one, and straight
  /// into a pipe or a device.
  /// - Parameter isNew: refuse a file that exists.
  /// - Throws: a `FileError` with the path as the user wrote it; its code is `EEXIST` for a file that is refused.
  package init(output path: BytePath, isNew: Bool = false) throws(FileError) {
    self.path = path
    self.isNew = isNew
    switch try FileError.naming("write", path, { () throws(Errno) in try OutputPlace.find(path) }) {
    case .stream(let file): output = OutputFile(stream: file, shownAs: path)
    case .file(let target):
      if isNew, FileTree.exists(target) { throw FileError("create", path, code: Errno.fileExists.rawValue) }
      let temporary = FileTree.uniqueSibling(of: target, suffix: "partial")
      output = try OutputFile(creating: temporary, shownAs: path)
      names = (target, temporary)
    }
  }

  deinit { if let names { FileTree.removeFile(names.temporary) } }

  /// Adds bytes. Throws a `FileError`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try output.write(bytes) }

  /// Adds bytes. Throws a `FileError`.
  package func write(_ bytes: [UInt8]) throws(FileError) { try output.write(bytes) }

  /// Forces the file to the disk and puts it in its place, there, too, to outlast a power cut. Throws a `FileError`.
  package func commit() throws(FileError) {
    guard let names else { return try output.close() }
    try output.flush()
    try output.close()
    do throws(FileError) {
      if isNew {
        try FileTree.moveWithoutReplacing(names.temporary, to: names.target)
      } else {
        try FileTree.rename(names.temporary, to: names.target)
      }
    } catch {
      // The user knows the file that was asked for, not the one beside it.
      throw error.code.map { FileError(error.operation, path, code: $0) } ?? error
    }
    self.names = nil
    FileTree.flush(names.target.parent)
  }
}

/// Writes, copies and links single files.
package enum FileWriter {
  /// Writes a file as a whole: into a temporary file beside it, flushed to the disk, renamed over the name. A link of
  /// that name is replaced, not followed: this is for names that we choose. Throws a `FileError`.
  package static func writeAtomically(_ bytes: [UInt8], to path: BytePath) throws(FileError) {
    let file = try StagedFile(path)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes an output that the user named, as `StagedFile` has it. Throws a `FileError`.
  package static func writeOutput(_ bytes: [UInt8], to path: BytePath, isNew: Bool = false) throws(FileError) {
    let file = try StagedFile(output: path, isNew: isNew)
    try file.write(bytes)
    try file.commit()
  }

  /// Writes a new file in a folder that is renamed when it is whole: neither flushed nor renamed by itself. Throws where
  /// the file exists.
  package static func writeNew(_ bytes: [UInt8], to path: BytePath) throws(FileError) {
    let file = try OutputFile(creating: path)
    try file.write(bytes)
    try file.close()
  }

  /// Copies the bytes of a regular file into a new file. Throws where `target` exists.
  package static func copy(_ source: BytePath, to target: BytePath) throws(FileError) {
    let input = try FileReader(source)
    let output = try OutputFile(creating: target)
    var offset = 0
    while true {
      let bytes = try input.bytes(at: offset, count: 1 << 18)
      if bytes.isEmpty { break }
      try output.write(bytes)
      offset += bytes.count
    }
    try output.close()
  }

  /// Gives the file behind `source` (symbolic links are followed) a second name. Throws where `target` exists.
  package static func hardLink(_ source: BytePath, to target: BytePath) throws(FileError) {
    try FileError.naming("link", source) { () throws(Errno) in
      try FileTree.link(source, to: target, flags: AT_SYMLINK_FOLLOW)
    }
  }
}
