// Where the bytes of an output that the user named go.
//
// A file is written beside its place and renamed over it, which would put a regular file in the place of a pipe or a
// device, and of a link instead of what it stands for. So links are followed to their end first, and what is no regular
// file is written through.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The place that a path stands for.
package enum OutputPlace: Equatable {
  /// A regular file, or nothing yet: the path without links, to be put in place in one step.
  case file([UInt8])
  /// A pipe, a device, or this process's own standard output or error: a descriptor, open for writing, that the caller
  /// closes.
  case stream(Int32)

  /// Why a path cannot be written to.
  package struct Failure: Error, Equatable {
    /// The kernel's error number.
    package let code: Int32
  }

  /// Looks at a path. A pipe without a reader is waited for, as everywhere.
  /// - Throws: `Failure`, for a folder among others.
  package static func find(_ path: [UInt8]) throws(Failure) -> OutputPlace {
    var status = stat()
    guard withPath(path, { stat($0, &status) }) == 0 else {
      guard errno == ENOENT else { throw Failure(code: errno) }
      return .file(try endOfLinks(path))
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw Failure(code: EISDIR)
    case S_IFREG:
      // `/dev/stdout` where output goes to a file: another file in its place would be out of sight of the shell.
      for descriptor in [STDOUT_FILENO, STDERR_FILENO] where isFile(descriptor, status) {
        return .stream(try checked(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)))
      }
      guard let resolved = withPath(path, { realpath($0, nil) }) else { throw Failure(code: errno) }
      defer { free(resolved) }
      return .file(Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))))
    default:
      while true {
        let descriptor = withPath(path) { open($0, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
        if descriptor >= 0 || errno != EINTR { return .stream(try checked(descriptor)) }
      }
    }
  }

  /// The path at which a link that leads nowhere would have a file made; the path itself where there is no link.
  private static func endOfLinks(_ path: [UInt8]) throws(Failure) -> [UInt8] {
    var path = path
    // As many as the kernel follows.
    for _ in 0..<40 {
      var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = target.withUnsafeMutableBytes { buffer in
        withPath(path) { readlink($0, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count) }
      }
      guard count > 0 else { return path }
      let slash = UInt8(ascii: "/")
      let folder = target[0] == slash ? [] : Array(path[...(path.lastIndex(of: slash) ?? -1)])
      path = folder + target[..<count]
    }
    throw Failure(code: ELOOP)
  }

  private static func isFile(_ descriptor: Int32, _ status: stat) -> Bool {
    var own = stat()
    return fstat(descriptor, &own) == 0 && own.st_dev == status.st_dev && own.st_ino == status.st_ino
  }

  private static func checked(_ descriptor: Int32) throws(Failure) -> Int32 {
    if descriptor < 0 { throw Failure(code: errno) }
    return descriptor
  }

  private static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (path + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}
