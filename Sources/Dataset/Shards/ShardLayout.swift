// Where the shards of a set lie: DIR/train/train-00000-of-00008, DIR/validation/validation-00000-of-00002 and DIR/test/...,
// or all of them in DIR itself. Index files lie in DIR/idx_files/SPLIT/, in DIR/idx_files/, or beside the shards.

/// The shards of a folder by split.
struct ShardLayout: Sendable {
  /// The shards of one split, all there are by their names.
  struct Part: Sendable {
    /// The split.
    let split: SplitName
    /// The folder of the shards.
    let folder: BytePath
    /// Their file names, by number.
    let shards: [BytePath]
  }

  let root: BytePath
  /// The splits that there are, in the order train, validation, test.
  let parts: [Part]

  /// The file that describes a set.
  static func manifestPath(_ root: BytePath) -> BytePath { root.appending("manifest.json") }

  /// Finds the shards of a folder; nil where there are none. Throws a `ShardError` where some are missing, or those of
  /// several sets lie in one folder, and a `FileError` where a folder cannot be listed.
  static func find(_ root: BytePath) throws -> ShardLayout? {
    guard FileTree.folderIdentity(root) != nil else { return nil }
    let entries = try FileTree.list(root)
    let parts = try SplitName.allCases.compactMap { split in
      try split.folderNames.lazy.compactMap { try part(split, called: $0, in: root, entries) }.first
    }
    return parts.isEmpty ? nil : ShardLayout(root: root, parts: parts)
  }

  /// Folders are taken in any letter case, shards as they are written: in lower case.
  private static func part(
    _ split: SplitName, called prefix: String, in root: BytePath, _ entries: [FolderEntry]
  ) throws -> Part? {
    let inside = entries.filter { $0.kind != .file && $0.name.description.lowercased() == prefix }.map {
      root.appending($0.name)
    }
    for folder in inside + [root] {
      let found = try (folder == root ? entries : FileTree.list(folder)).compactMap {
        entry -> (name: ShardName, file: BytePath)? in
        guard entry.kind == .file, let shard = ShardName(entry.name), shard.part == prefix else { return nil }
        return (shard, entry.name)
      }
      if found.isEmpty { continue }
      let totals = Set(found.map(\.name.total)).sorted()
      guard totals.count == 1 else { throw ShardError.mixed(folder.description, totals: totals) }
      let numbers = Set(found.map(\.name.number))
      if let missing = (0..<totals[0]).first(where: { !numbers.contains($0) }) {
        let example = ShardName(part: prefix, number: missing, total: totals[0]).description
        throw ShardError.missing(folder.description, numFound: numbers.count, total: totals[0], example: example)
      }
      return Part(split: split, folder: folder, shards: found.sorted { $0.name.number < $1.name.number }.map(\.file))
    }
    return nil
  }

  /// Where the index of a shard may lie, in the order in which it is looked for.
  static func indexPaths(of shard: BytePath, in folder: BytePath) -> [BytePath] {
    let name = BytePath(bytes: shard.bytes + Array(".idx".utf8))
    let part = folder.lastComponent
    return [
      folder.parent.appending("idx_files").appending(part).appending(name),
      folder.appending("idx_files").appending(name), folder.appending(name),
    ]
      + (ShardName(shard).map {
        [folder.appending("idx_files").appending(BytePath($0.part)).appending(name)]
      } ?? [])
  }
}

// The name of a shard: PART-00007-of-00128.

/// The parts of a shard's name.
struct ShardName: Hashable, Sendable, CustomStringConvertible {
  /// What stands before the numbers: `train`, `validation`.
  let part: String
  /// Its number, from 0.
  let number: Int
  /// How many shards the set has.
  let total: Int

  init(part: String, number: Int, total: Int) {
    self.part = part
    self.number = number
    self.total = total
  }

  /// Reads a file's name; nil where it is not that of a shard.
  init?(_ name: BytePath) {
    guard let text = String(validating: name.bytes, as: UTF8.self),
      let match = text.wholeMatch(of: /(.+)-([0-9]{1,7})-of-([0-9]{1,7})/),
      let number = Int(match.2), let total = Int(match.3), number < total
    else { return nil }
    self.init(part: String(match.1), number: number, total: total)
  }

  /// `train-00007-of-00128`
  var description: String { "\(part)-\(Self.padded(number))-of-\(Self.padded(total))" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
