// Calls of the operating system on open files. Every open, lock, flush and write of the package goes through here.

package import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Calls until the call is not interrupted by a signal. Throws the number of its error where the result is -1.
@discardableResult
func checked<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = Errno(rawValue: errno)
    if code != .interrupted { throw code }
  }
}

/// An open file or folder with one owner, closed when that ends.
package struct OpenFile: ~Copyable, Sendable {
  /// The number that the system gave it.
  package let descriptor: FileDescriptor

  /// Takes over a descriptor.
  package init(owning descriptor: FileDescriptor) { self.descriptor = descriptor }

  /// Opens a path; a file that is made can be read by all and written by its owner. No program that this one starts gets
  /// the file.
  package init(
    _ path: BytePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = []
  ) throws(Errno) {
    do {
      descriptor = try path.withCString {
        try FileDescriptor.open($0, mode, options: options.union(.closeOnExec), permissions: Self.permissions)
      }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  deinit { try? descriptor.close() }

  /// Closes the file. Throws where what was written before did not reach it.
  package consuming func close() throws(Errno) {
    let descriptor = descriptor
    discard self
    do { try descriptor.close() } catch { throw error as? Errno ?? .ioError }
  }

  /// The size of a regular file in bytes. Throws a `FileError` with the operation for anything else.
  package func regularSize(_ path: BytePath, for operation: String) throws(FileError) -> Int {
    let status = try FileError.naming(operation, path) { () throws(Errno) in try Stat(descriptor) }
    guard status.type == .regular else { throw FileError(operation, path, reason: "it is not a regular file") }
    return Int(status.size)
  }

  /// Forces what was written to the disk.
  package func flush() throws(Errno) { try checked { fsync(descriptor.rawValue) } }

  /// Takes the exclusive lock on the file or folder, which ends with the open file, however that ends: the kernel's own,
  /// and never a number of a process that another one may have by now. False where another one has it, in this process
  /// or elsewhere.
  package func lock() throws(Errno) -> Bool {
    do throws(Errno) { try checked { flock(descriptor.rawValue, LOCK_EX | LOCK_NB) } } catch {
      if error == .wouldBlock { return false }
      throw error
    }
    return true
  }

  /// Whether the open file or folder still has this name, itself and not through a link.
  package func isStill(at path: BytePath) -> Bool {
    guard let own = try? Stat(descriptor), let named = FileTree.status(path, followingLinks: false) else {
      return false
    }
    return own.deviceID == named.deviceID && own.inode == named.inode
  }

  private static let permissions = FilePermissions(rawValue: 0o644)
}

extension FileDescriptor.OpenOptions {
  /// A terminal that is opened does not become that of the process.
  static let noTerminal = FileDescriptor.OpenOptions(rawValue: O_NOCTTY)
}

extension FileDescriptor {
  /// Writes all bytes, in one piece where the system takes it.
  package func writeWhole(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
    var rest = bytes
    while !rest.isEmpty {
      let count: Int
      do { count = try write(rest) } catch {
        let code = error as? Errno ?? .ioError
        guard code == .resourceTemporarilyUnavailable else { throw code }
        // Somebody who shares the stream made it one that does not wait.
        var waiting = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
        continue
      }
      guard count > 0 else { throw .ioError }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

/// An exclusive lock on a file or a folder, held until the object goes. Two in one process exclude each other, too.
package final class FileLock: Sendable {
  private let file: OpenFile

  private init(_ file: consuming OpenFile) { self.file = file }

  /// Locks a file, which is made where it is missing; nil where another one has the lock. Throws a `FileError`.
  package static func take(file path: BytePath) throws(FileError) -> FileLock? { try take(path, .readWrite, .create) }

  /// Locks a folder that is there and no link; nil where another one has the lock. Throws a `FileError`.
  package static func take(folder path: BytePath) throws(FileError) -> FileLock? {
    try take(path, .readOnly, [.directory, .noFollow])
  }

  /// Whether the locked file or folder still has this name.
  package func isStill(at path: BytePath) -> Bool { file.isStill(at: path) }

  private static func take(
    _ path: BytePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions
  ) throws(FileError) -> FileLock? {
    let file = try FileError.naming("open", path) { () throws(Errno) in try OpenFile(path, mode, options) }
    guard try FileError.naming("lock", path, { () throws(Errno) in try file.lock() }) else { return nil }
    return FileLock(file)
  }
}
