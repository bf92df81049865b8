// An output folder that is either whole or not there: all is written into a hidden folder beside it, which takes its
// name at the end. That holds however the process ends. Nothing is forced to the disk, because the kernel would flush
// every other program's files as well, and minutes can pass; after a power cut the set is made anew.

/// Writes a folder of sample data as a whole.
enum StagedFolder {
  /// Calls `fill` with an empty folder that becomes `out` when `fill` returns and vanishes when it throws. Throws a
  /// `SampleDataError` where `out` is a file or not empty, before `fill` is called, and a `FileError`.
  static func write(to out: BytePath, _ fill: (_ staging: BytePath) throws -> Void) throws {
    let target = try checkedOutput(out)
    let staging = FileTree.uniqueSibling(of: target, suffix: "partial")
    do {
      try FileTree.makeFolders(staging)
      try fill(staging)
      try FileTree.rename(staging, to: target)
    } catch {
      FileTree.removeTree(staging)
      throw error
    }
  }

  /// The output's path without links, its parent made where missing.
  private static func checkedOutput(_ out: BytePath) throws -> BytePath {
    if FileTree.folderIdentity(out) != nil {
      guard try FileTree.isEmptyFolder(out) else { throw SampleDataError.outputNotEmpty(out.description) }
      return try FileTree.resolve(out)
    }
    if FileTree.exists(out) { throw SampleDataError.outputNotAFolder(out.description) }
    try FileTree.makeFolders(out.parent)
    return try FileTree.resolve(out.parent).appending(out.lastComponent)
  }
}
