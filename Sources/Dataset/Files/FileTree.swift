// Folders: listed in byte order, made, renamed and removed.

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
  let device: UInt64
  let number: UInt64
}

/// Operations on folders and names.
package enum FileTree {
  /// The names in a folder in byte order, without `.`, `..` and other hidden names. Throws a `FileError`.
  package static func list(_ folder: BytePath) throws -> [FolderEntry] {
    guard let stream = folder.withCString({ opendir($0) }) else { throw FileError("list", folder, code: errno) }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = nameBytes(of: entry)
      guard name.first != UInt8(ascii: ".") else { continue }
      let path = BytePath(bytes: name)
      if Int32(entry.pointee.d_type) == Int32(DT_REG) {
        entries.append(FolderEntry(name: path, kind: .file))
      } else if let identity = folderIdentity(folder.appending(path)) {
        entries.append(FolderEntry(name: path, kind: .folder(identity)))
      } else {
        entries.append(FolderEntry(name: path, kind: .file))
      }
    }
    guard errno == 0 else { throw FileError("list", folder, code: errno) }
    return entries.sorted { $0.name < $1.name }
  }

  /// The identity of the folder at a path, following links; nil where there is no folder.
  static func folderIdentity(_ path: BytePath) -> FileIdentity? {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return FileIdentity(device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
  }

  /// True where a folder stands at the path, or a link to one.
  package static func isFolder(_ path: BytePath) -> Bool { folderIdentity(path) != nil }

  /// True where something stands at the path once links are followed.
  package static func leadsSomewhere(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { stat($0, &status) } == 0
  }

  /// True where something stands at the path, be it a link that leads nowhere.
  package static func exists(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0
  }

  /// True where the folder holds nothing at all, hidden names included. Throws a `FileError`.
  package static func isEmptyFolder(_ folder: BytePath) throws -> Bool {
    guard let stream = folder.withCString({ opendir($0) }) else { throw FileError("list", folder, code: errno) }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = nameBytes(of: entry)
      if name != [UInt8(ascii: ".")] && name != [UInt8(ascii: "."), UInt8(ascii: ".")] { return false }
    }
    return true
  }

  /// The absolute path without links. Throws a `FileError` where it does not exist.
  package static func resolve(_ path: BytePath) throws -> BytePath {
    guard let resolved = path.withCString({ realpath($0, nil) }) else {
      throw FileError("find", path, code: errno)
    }
    defer { free(resolved) }
    return BytePath(bytes: Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))))
  }

  /// Makes a folder and those above it that are missing.
  package static func makeFolders(_ path: BytePath) throws {
    if folderIdentity(path) != nil { return }
    let parent = path.parent
    if parent != path, !path.bytes.isEmpty { try makeFolders(parent) }
    guard path.withCString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST else {
      throw FileError("create", path, code: errno)
    }
  }

  /// Makes a folder where nothing stands yet. Throws a `FileError`.
  package static func makeNewFolder(_ path: BytePath) throws {
    guard path.withCString({ mkdir($0, 0o755) }) == 0 else { throw FileError("create", path, code: errno) }
  }

  /// Renames; an empty folder under the new name is replaced.
  package static func rename(_ old: BytePath, to new: BytePath) throws {
    let status = old.withCString { from in new.withCString { systemRename(from, $0) } }
    guard status == 0 else { throw FileError("create", new, code: errno) }
  }

  /// Removes a folder and all in it. Of a link, at the path itself or below, the link alone is removed, and nothing that
  /// takes a folder's place meanwhile is entered. What cannot be removed stays.
  package static func removeTree(_ folder: BytePath) {
    let parent = folder.parent.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard parent >= 0 else { return }
    remove(folder.lastComponent, in: parent)
    close(parent)
  }

  /// Removes what has a name in an open folder. Every step goes by that folder's descriptor, not by a path.
  private static func remove(_ name: BytePath, in parent: Int32) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let folder = name.withCString { openat(parent, $0, flags) }
    if folder >= 0 {
      // The stream owns the descriptor.
      guard let stream = fdopendir(folder) else {
        close(folder)
        return
      }
      var names: [BytePath] = []
      while let entry = readdir(stream) { names.append(BytePath(bytes: nameBytes(of: entry))) }
      for name in names where name != "." && name != ".." { remove(name, in: folder) }
      closedir(stream)
    } else if errno == ENOTDIR || errno == ELOOP {
      _ = name.withCString { unlinkat(parent, $0, 0) }
      return
    }
    _ = name.withCString { unlinkat(parent, $0, Int32(AT_REMOVEDIR)) }
  }

  /// The hidden names in a folder. Throws a `FileError`.
  package static func hiddenNames(_ folder: BytePath) throws -> [BytePath] {
    guard let stream = folder.withCString({ opendir($0) }) else { throw FileError("list", folder, code: errno) }
    defer { closedir(stream) }
    var names: [BytePath] = []
    while let entry = readdir(stream) {
      let name = BytePath(bytes: nameBytes(of: entry))
      if name.bytes.first == UInt8(ascii: "."), name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file; what cannot be removed stays.
  static func removeFile(_ path: BytePath) { _ = path.withCString { unlink($0) } }

  /// The size of a file in bytes and when it was changed, in nanoseconds since 1970; nil where there is none.
  static func sizeAndTime(_ path: BytePath) -> (size: Int, time: Int)? {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return (Int(status.st_size), Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec))
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

  private static func nameBytes(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
  }
}

private func systemRename(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> Int32 {
  #if canImport(Glibc)
    Glibc.rename(old, new)
  #elseif canImport(Musl)
    Musl.rename(old, new)
  #else
    Darwin.rename(old, new)
  #endif
}
