// Giving a file another place without ever replacing what stands there.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension FileTree {
  /// Moves a file, a link or a pipe to a new name on the same file system: it gets the new name, then loses the old one.
  /// A process that ends in between leaves it with both, and the next call with the same names ends the move. Throws a
  /// `FileError` where something else has the new name, which stays as it is.
  static func moveWithoutReplacing(_ old: BytePath, to new: BytePath) throws {
    let linked = old.withCString { from in new.withCString { linkat(AT_FDCWD, from, AT_FDCWD, $0, 0) } }
    if linked == 0 || (errno == EEXIST && isSameFile(old, new)) {
      guard old.withCString({ unlink($0) }) == 0 else { throw FileError("move", old, code: errno) }
      return
    }
    let code = errno
    // Some file systems know no second names, and some systems grant them on one's own files only.
    guard [EPERM, EACCES, EMLINK, ENOSYS, ENOTSUP].contains(code), !exists(new) else {
      throw FileError("move", old, code: code)
    }
    try rename(old, to: new)
  }

  private static func isSameFile(_ a: BytePath, _ b: BytePath) -> Bool {
    var (first, second) = (stat(), stat())
    guard a.withCString({ lstat($0, &first) }) == 0, b.withCString({ lstat($0, &second) }) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Whether a folder, and no link to one, stands at the path.
  static func isRealFolder(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file, a link or a pipe, but no folder, stands at the path.
  static func isNoFolder(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  /// Removes the empty folders below a folder, and itself where nothing is left. Follows no links.
  static func removeEmptyFolders(_ folder: BytePath) {
    for entry in (try? list(folder)) ?? [] {
      let path = folder.appending(entry.name)
      if isRealFolder(path) { removeEmptyFolders(path) }
    }
    _ = folder.withCString { rmdir($0) }
  }
}
