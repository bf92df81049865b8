package import Files
import Foundation

/// A folder of its own for one test, removed with the object.
package final class ScratchFolder: Sendable {
  package let path: BytePath

  package init() throws {
    let name = "vitrail-test-\(UUID().uuidString)"
    path = try FileTree.resolve(BytePath(NSTemporaryDirectory())).appending(BytePath(name))
    try FileTree.makeFolders(path)
  }

  deinit { FileTree.removeTree(path) }

  /// Writes a file, and the folders it lies in.
  @discardableResult
  package func write(_ bytes: [UInt8], _ name: BytePath) throws -> BytePath {
    let file = path.appending(name)
    try FileTree.makeFolders(file.parent)
    try FileWriter.writeAtomically(bytes, to: file)
    return file
  }

  /// Writes a file of text.
  @discardableResult
  package func write(_ text: String, _ name: BytePath) throws -> BytePath { try write(Array(text.utf8), name) }

  package func makeFolder(_ name: BytePath) throws { try FileTree.makeFolders(path.appending(name)) }

  package func link(_ name: BytePath, to target: BytePath) throws {
    let status = target.withCString { to in path.appending(name).withCString { symlink(to, $0) } }
    if status != 0 { throw FileError("link", name, code: errno) }
  }

  package func inode(_ name: BytePath) -> UInt64 {
    var status = stat()
    _ = path.appending(name).withCString { stat($0, &status) }
    return UInt64(status.st_ino)
  }

  /// All files below the folder, as paths below it, in byte order.
  package func files(_ folder: BytePath = "") throws -> [String] {
    try FileTree.list(path.appending(folder)).flatMap { entry in
      let name = folder.appending(entry.name)
      return entry.kind == .file ? [name.description] : try files(name)
    }
  }
}
