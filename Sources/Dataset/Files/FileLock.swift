// A lock that ends with its process, however that ends: the kernel's own (flock), and never a number of a process that
// another one may have by now.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An exclusive lock on a file or a folder, held until the object goes. Two in one process exclude each other, too.
package final class FileLock: Sendable {
  private let descriptor: Int32

  private init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Locks a file, which is made where it is missing; nil where another one has the lock. Throws a `FileError`.
  package static func take(file path: BytePath) throws -> FileLock? {
    try take(path, flags: O_RDWR | O_CREAT)
  }

  /// Locks a folder that is there and no link; nil where another one has the lock. Throws a `FileError`.
  package static func take(folder path: BytePath) throws -> FileLock? {
    try take(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  /// Whether the locked file or folder still has this name.
  func isStill(at path: BytePath) -> Bool {
    var (own, named) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, path.withCString({ lstat($0, &named) }) == 0 else { return false }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  private static func take(_ path: BytePath, flags: Int32) throws -> FileLock? {
    let descriptor = Int32(retryingInterrupts { path.withCString { Int(open($0, flags | O_CLOEXEC, 0o644)) } })
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    // From here on, whatever happens, the object closes the descriptor, once.
    let lock = FileLock(owning: descriptor)
    if retryingInterrupts({ Int(flock(descriptor, LOCK_EX | LOCK_NB)) }) == 0 { return lock }
    if errno == EWOULDBLOCK { return nil }
    throw FileError("lock", path, code: errno)
  }
}
