// Where the bytes of an output that the user named go.
//
// A file is written beside its place and renamed over it, which would put a regular file in the place of a pipe or a
// device, and of a link instead of what it stands for. So links are followed to their end first, and what is no regular
// file is written through.

import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The place that a path stands for.
enum OutputPlace: ~Copyable {
  /// A regular file, or nothing yet: the path without links, to be put in place in one step.
  case file(BytePath)
  /// A pipe, a device, or this process's own standard output or error, open for writing.
  case stream(OpenFile)

  /// Looks at a path. A pipe without a reader is waited for, as everywhere. Throws for a folder among others.
  static func find(_ path: BytePath) throws(Errno) -> OutputPlace {
    let status: Stat
    do throws(Errno) { status = try path.withCString { path throws(Errno) in try Stat(path) } } catch {
      guard error == .noSuchFileOrDirectory else { throw error }
      return .file(try endOfLinks(path))
    }
    switch status.type {
    case .directory: throw .isDirectory
    case .regular:
      // `/dev/stdout` where output goes to a file: another file in its place would be out of sight of the shell.
      for stream in [FileDescriptor.standardOutput, .standardError] {
        guard let own = try? Stat(stream), own.deviceID == status.deviceID, own.inode == status.inode else { continue }
        let copy = try checked { fcntl(stream.rawValue, F_DUPFD_CLOEXEC, 3) }
        return .stream(OpenFile(owning: FileDescriptor(rawValue: copy)))
      }
      return .file(try FileTree.withoutLinks(path))
    default: return .stream(try OpenFile(path, .writeOnly, .noTerminal))
    }
  }

  /// The path at which a link that leads nowhere would have a file made; the path itself where there is no link.
  private static func endOfLinks(_ path: BytePath) throws(Errno) -> BytePath {
    var path = path
    // As many as the kernel follows.
    for _ in 0..<40 {
      var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = target.withUnsafeMutableBytes { buffer in
        path.withCString { readlink($0, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count) }
      }
      guard count > 0 else { return path }
      let slash = UInt8(ascii: "/")
      let folder = target[0] == slash ? [] : Array(path.bytes[...(path.bytes.lastIndex(of: slash) ?? -1)])
      path = BytePath(bytes: folder + target[..<count])
    }
    throw .tooManySymbolicLinkLevels
  }
}
