// An output folder that is either whole or not there: all is written into a hidden folder beside it, which takes its
// name at the end. That holds however the process ends. Nothing is forced to the disk, because the kernel would flush
// every other program's files as well, and minutes can pass; after a power cut the set is made anew.
//
// The hidden folder is locked while it is written, and the lock ends with the process. So the next one that writes the
// same output knows what a killed one left, and removes it.

import SystemPackage

/// Writes a folder as a whole.
package enum StagedFolder {
  /// Why an output folder is refused.
  package enum Refusal { case notEmpty, notAFolder }

  /// The path without links of an output folder, its parent made where missing. Throws a `FileError`, and what `refusal`
  /// makes of a folder that is not empty and of a path where something else stands.
  package static func target(of out: BytePath, refusal: (Refusal) -> any Error) throws -> BytePath {
    if FileTree.isFolder(out) {
      guard try FileTree.isEmptyFolder(out) else { throw refusal(.notEmpty) }
      return try FileTree.resolve(out)
    }
    if FileTree.exists(out) { throw refusal(.notAFolder) }
    try FileTree.makeFolders(out.parent)
    return try FileTree.resolve(out.parent).appending(out.lastComponent)
  }

  /// Calls `fill` with an empty folder that becomes `target` when `fill` returns and vanishes when it throws. Throws what
  /// `fill` throws, and a `FileError`.
  package static func write(to target: BytePath, _ fill: (_ staging: BytePath) throws -> Void) throws {
    removeLeftovers(of: target)
    let (staging, lock) = try make(beside: target)
    do {
      try fill(staging)
      try FileTree.rename(staging, to: target)
    } catch {
      FileTree.removeTree(staging)
      throw error
    }
    withExtendedLifetime(lock) {}
  }

  private static let suffix = "staged"
  /// What a file system without locks says.
  private static let noLocks: [Errno] = [
    .badFileDescriptor, .invalidArgument, .noLocks, .noFunction, .notSupported,
  ]

  /// A new folder and the lock on it; without one where the file system has none.
  private static func make(beside target: BytePath) throws(FileError) -> (BytePath, FileLock?) {
    while true {
      let staging = FileTree.uniqueSibling(of: target, suffix: suffix)
      try FileTree.makeNewFolder(staging)
      do {
        // Another process that takes it for a leftover, just before it is locked, wins; the next name is another.
        guard let lock = try FileLock.take(folder: staging), lock.isStill(at: staging) else { continue }
        return (staging, lock)
      } catch let error where error.number.map(Self.noLocks.contains) ?? false {
        return (staging, nil)
      } catch let error where error.number == .noSuchFileOrDirectory {
        continue
      } catch {
        FileTree.removeTree(staging)
        throw error
      }
    }
  }

  /// Removes what killed processes left of this output; what is locked belongs to a process that lives.
  private static func removeLeftovers(of target: BytePath) {
    let prefix = FileTree.siblingPrefix(of: target, suffix: suffix).bytes
    for name in (try? FileTree.hiddenNames(target.parent)) ?? [] where name.bytes.starts(with: prefix) {
      let path = target.parent.appending(name)
      guard let lock = try? FileLock.take(folder: path), lock.isStill(at: path) else { continue }
      FileTree.removeTree(path)
      // Held until here, or somebody could begin to write in it.
      withExtendedLifetime(lock) {}
    }
  }
}
