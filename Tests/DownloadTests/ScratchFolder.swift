import Dataset
import Foundation

/// A folder that goes away with the object.
final class ScratchFolder: Sendable {
  let path: BytePath

  init() throws {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath()
      .appendingPathComponent("vitrail-download-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = BytePath(folder.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.description) }

  /// The path of `name` in the folder.
  func callAsFunction(_ name: String) -> BytePath { path.appending(BytePath(name)) }

  /// A new folder.
  func makeFolder(_ name: String) throws -> BytePath {
    try FileManager.default.createDirectory(atPath: self(name).description, withIntermediateDirectories: true)
    return self(name)
  }

  func write(_ bytes: [UInt8], _ name: String) throws -> BytePath {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name).description))
    return self(name)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: self(name).description)))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name).description) }

  /// Every file and folder below, folders with a slash, in order.
  func listing(_ name: String = "") -> [String] {
    let root = name.isEmpty ? path.description : self(name).description
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return paths.map { path in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
      return isFolder.boolValue ? path + "/" : path
    }.sorted()
  }
}

/// The files of `Tests/Fixtures/archives`, made by `scripts/reference/make_archives.py`.
enum ArchiveFixture {
  static func path(_ name: String, from file: StaticString = #filePath) -> BytePath {
    let tests = URL(fileURLWithPath: "\(file)").deletingLastPathComponent().deletingLastPathComponent()
    return BytePath(tests.appendingPathComponent("Fixtures/archives/\(name)").path)
  }

  static func bytes(_ name: String) throws -> [UInt8] { try FileReader.read(path(name)) }
}
