// Folders and names: listed in byte order, made, moved and removed.

import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One name in a folder, with what it is once symbolic links are followed.
package struct FolderEntry {
  /// What stands behind a name.
  package enum Kind: Equatable {
    /// A folder, with the identity that tells a loop of links.
    case folder(FileIdentity)
    /// Anything else: a file, a pipe, a link that leads nowhere.
    case file
  }

  /// The name.
  package let name: BytePath
  /// What it stands for.
  package let kind: Kind
}

/// The device and file number of a file or folder.
package struct FileIdentity: Hashable {
  private let device: DeviceID
  private let number: Inode

  fileprivate init(_ status: Stat) { (device, number) = (status.deviceID, status.inode) }
}

/// Operations on folders and names.
package enum FileTree {
  // MARK: What there is

  /// The names in a folder in byte order, without `.`, `..` and other hidden names. Throws a `FileError`.
  package static func list(_ folder: BytePath) throws(FileError) -> [FolderEntry] {
    try names(in: folder).filter { !isHidden($0.name) }.map { name, isRegular in
      let identity = isRegular ? nil : folderIdentity(folder.appending(name))
      return FolderEntry(name: name, kind: identity.map { .folder($0) } ?? .file)
    }
  }

  /// The hidden names in a folder. Throws a `FileError`.
  package static func hiddenNames(_ folder: BytePath) throws(FileError) -> [BytePath] {
    try names(in: folder).map(\.name).filter(isHidden)
  }

  /// True where the folder holds nothing at all, hidden names included. Throws a `FileError`.
  package static func isEmptyFolder(_ folder: BytePath) throws(FileError) -> Bool { try names(in: folder).isEmpty }

  /// The identity of the folder at a path, following links; nil where there is no folder.
  package static func folderIdentity(_ path: BytePath) -> FileIdentity? {
    guard let status = status(path), status.type == .directory else { return nil }
    return FileIdentity(status)
  }

  /// True where a folder stands at the path, or a link to one.
  package static func isFolder(_ path: BytePath) -> Bool { folderIdentity(path) != nil }

  /// Whether a folder, and no link to one, stands at the path.
  package static func isRealFolder(_ path: BytePath) -> Bool {
    status(path, followingLinks: false)?.type == .directory
  }

  /// Whether a file, a link or a pipe, but no folder, stands at the path.
  package static func isNoFolder(_ path: BytePath) -> Bool { exists(path) && !isRealFolder(path) }

  /// True where something stands at the path once links are followed.
  package static func leadsSomewhere(_ path: BytePath) -> Bool { status(path) != nil }

  /// True where something stands at the path, be it a link that leads nowhere.
  package static func exists(_ path: BytePath) -> Bool { status(path, followingLinks: false) != nil }

  /// The size of a file in bytes and when it was changed, in nanoseconds since 1970; nil where there is none.
  package static func sizeAndTime(_ path: BytePath) -> (size: Int, time: Int)? {
    guard let status = status(path) else { return nil }
    let time = status.st_mtim
    return (Int(status.size), Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec))
  }

  /// The absolute path without links. Throws a `FileError` where it does not exist.
  package static func resolve(_ path: BytePath) throws(FileError) -> BytePath {
    try FileError.naming("find", path) { () throws(Errno) in try withoutLinks(path) }
  }

  /// What the system says of a path; nil where it leads nowhere.
  static func status(_ path: BytePath, followingLinks: Bool = true) -> Stat? {
    try? path.withCString { try Stat($0, followTargetSymlink: followingLinks) }
  }

  /// The absolute path without links.
  static func withoutLinks(_ path: BytePath) throws(Errno) -> BytePath {
    guard let resolved = path.withCString({ realpath($0, nil) }) else { throw Errno(rawValue: errno) }
    defer { free(resolved) }
    return BytePath(bytes: Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))))
  }

  private static func isHidden(_ name: BytePath) -> Bool { name.bytes.first == UInt8(ascii: ".") }

  /// All names in a folder but `.` and `..`, in byte order.
  private static func names(in folder: BytePath) throws(FileError) -> [(name: BytePath, isRegular: Bool)] {
    var found: [(name: BytePath, isRegular: Bool)] = []
    try FileError.naming("list", folder) { () throws(Errno) in
      found = try names(in: try OpenFile(folder, .readOnly, .directory))
    }
    return found.sorted { $0.name < $1.name }
  }

  private static func names(in folder: borrowing OpenFile) throws(Errno) -> [(name: BytePath, isRegular: Bool)] {
    // The stream closes the descriptor that it is given.
    let descriptor = try checked { fcntl(folder.descriptor.rawValue, F_DUPFD_CLOEXEC, 0) }
    guard let stream = fdopendir(descriptor) else {
      let code = Errno(rawValue: errno)
      close(descriptor)
      throw code
    }
    defer { closedir(stream) }
    var names: [(name: BytePath, isRegular: Bool)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name != ".", name != ".." { names.append((name, Int32(entry.pointee.d_type) == Int32(DT_REG))) }
    }
    guard errno == 0 else { throw Errno(rawValue: errno) }
    return names
  }

  // MARK: Making and moving

  /// Makes a folder and those above it that are missing. Throws a `FileError`.
  package static func makeFolders(_ path: BytePath) throws(FileError) {
    if isFolder(path) { return }
    let parent = path.parent
    if parent != path, !path.bytes.isEmpty { try makeFolders(parent) }
    do { try makeNewFolder(path) } catch { if error.number != .fileExists { throw error } }
  }

  /// Makes a folder where nothing stands yet. Throws a `FileError`.
  package static func makeNewFolder(_ path: BytePath) throws(FileError) {
    try call("create", path) { mkdir($0, 0o755) }
  }

  /// Renames; an empty folder under the new name is replaced. Throws a `FileError`.
  package static func rename(_ old: BytePath, to new: BytePath) throws(FileError) {
    try old.withCString { old throws(FileError) in try call("create", new) { systemRename(old, $0) } }
  }

  /// Moves a file, a link or a pipe to a new name on the same file system: it gets the new name, then loses the old one.
  /// A process that ends in between leaves it with both, and the next call with the same names ends the move. Throws a
  /// `FileError` where something else has the new name, which stays as it is.
  package static func moveWithoutReplacing(_ old: BytePath, to new: BytePath) throws(FileError) {
    func removeOld() throws(FileError) { try call("move", old) { unlinkat(AT_FDCWD, $0, 0) } }
    do throws(Errno) { try link(old, to: new, flags: 0) } catch {
      if error == .fileExists, isSameFile(old, new) { return try removeOld() }
      // Some file systems know no second names, and some systems grant them on one's own files only.
      guard [.notPermitted, .permissionDenied, .tooManyLinks, .noFunction, .notSupported].contains(error), !exists(new)
      else { throw FileError("move", old, code: error.rawValue) }
      return try rename(old, to: new)
    }
    try removeOld()
  }

  /// Gives a file a second name; with `AT_SYMLINK_FOLLOW` that which a link leads to.
  static func link(_ old: BytePath, to new: BytePath, flags: CInt) throws(Errno) {
    try old.withCString { old throws(Errno) in
      try new.withCString { new throws(Errno) in _ = try checked { linkat(AT_FDCWD, old, AT_FDCWD, new, flags) } }
    }
  }

  /// Calls the system with a path, with the name of the operation for an error.
  private static func call(
    _ operation: String, _ path: BytePath, _ call: (UnsafePointer<CChar>) -> CInt
  ) throws(FileError) {
    try FileError.naming(operation, path) { () throws(Errno) in
      try path.withCString { path throws(Errno) in _ = try checked { call(path) } }
    }
  }

  private static func isSameFile(_ a: BytePath, _ b: BytePath) -> Bool {
    guard let first = status(a, followingLinks: false), let second = status(b, followingLinks: false) else {
      return false
    }
    return FileIdentity(first) == FileIdentity(second)
  }

  /// Makes what was renamed in a folder outlast a power cut, where the file system can do that.
  package static func flush(_ folder: BytePath) {
    guard let folder = try? OpenFile(folder, .readOnly, .directory) else { return }
    try? folder.flush()
  }

  /// A hidden name in the same folder that nothing else uses, for work that is renamed when it is whole.
  static func uniqueSibling(of path: BytePath, suffix: String) -> BytePath {
    let number = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
    return path.parent.appending(
      BytePath(bytes: siblingPrefix(of: path, suffix: suffix).bytes + Array(number.utf8)))
  }

  /// What those names begin with. A long name is cut, so that its siblings are not too long for the file system.
  static func siblingPrefix(of path: BytePath, suffix: String) -> BytePath {
    BytePath(bytes: Array(".".utf8) + path.lastComponent.bytes.prefix(160) + Array(".\(suffix)-".utf8))
  }

  // MARK: Removing

  /// Removes a file; what cannot be removed stays.
  package static func removeFile(_ path: BytePath) { _ = path.withCString { unlinkat(AT_FDCWD, $0, 0) } }

  /// Removes the empty folders below a folder, and itself where nothing is left. Follows no links.
  package static func removeEmptyFolders(_ folder: BytePath) {
    for entry in (try? list(folder)) ?? [] {
      let path = folder.appending(entry.name)
      if isRealFolder(path) { removeEmptyFolders(path) }
    }
    _ = folder.withCString { rmdir($0) }
  }

  /// Removes a folder and all in it. Of a link, at the path itself or below, the link alone is removed, and nothing that
  /// takes a folder's place meanwhile is entered. What cannot be removed stays.
  package static func removeTree(_ folder: BytePath) {
    guard let parent = try? OpenFile(folder.parent, .readOnly, .directory) else { return }
    remove(folder.lastComponent, in: parent)
  }

  /// Removes what has a name in an open folder. Every step goes by that folder's descriptor, not by a path.
  private static func remove(_ name: BytePath, in parent: borrowing OpenFile) {
    let parentNumber = parent.descriptor.rawValue
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    do throws(Errno) {
      let descriptor = try name.withCString { name throws(Errno) in try checked { openat(parentNumber, name, flags) } }
      let folder = OpenFile(owning: FileDescriptor(rawValue: descriptor))
      for (name, _) in try names(in: folder) { remove(name, in: folder) }
    } catch {
      if error == .notDirectory || error == .tooManySymbolicLinkLevels {
        _ = name.withCString { unlinkat(parentNumber, $0, 0) }
        return
      }
    }
    _ = name.withCString { unlinkat(parentNumber, $0, Int32(AT_REMOVEDIR)) }
  }
}

/// Outside of `FileTree`, whose own `rename` would hide that of the system.
private func systemRename(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> CInt { rename(old, new) }
