// The path of an entry, made safe: it must lead downwards, by names alone.

import Files

/// The checked path of an entry.
enum ArchivePath {
  /// The names from the top folder to the entry; none for the top folder itself (`./`). Throws `ArchiveError.refused`
  /// for a path that leads out of the folder, is absolute, too deep or too long, or has a name that no file can have.
  static func components(of path: [UInt8], archive: String, limits: ArchiveLimits) throws -> [BytePath] {
    func refused(_ reason: String) -> ArchiveError {
      // A name of 64 kB would fill the screen.
      .refused(archive: archive, entry: BytePath(bytes: Array(path.prefix(200))).description, reason: reason)
    }
    guard !path.isEmpty else { throw refused("it has no name") }
    guard path.count <= limits.maxPathBytes else {
      throw refused("its path has more than \(limits.maxPathBytes) bytes")
    }
    guard path.first != UInt8(ascii: "/") else { throw refused("its path is absolute") }
    guard !path.contains(0) else { throw refused("its path holds a zero byte") }
    let names = path.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
    guard !names.contains(Array("..".utf8)) else { throw refused("its path leads out of the folder") }
    guard names.count <= limits.maxDepth + 1 else { throw refused("it lies more than \(limits.maxDepth) folders deep") }
    guard names.allSatisfy({ $0.count <= 255 }) else { throw refused("a name has more than 255 bytes") }
    return names.map { BytePath(bytes: $0) }
  }
}
