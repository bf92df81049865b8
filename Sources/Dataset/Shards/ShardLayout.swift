// Where the shards of a set lie: DIR/train/train-00000-of-00008 and DIR/validation/validation-00000-of-00002, or all of
// them in DIR itself. Index files lie in DIR/idx_files/PART/, in DIR/idx_files/, or beside the shards.

/// The shards of a folder by part.
struct ShardLayout: Sendable {
  /// The shards of one part, all there are by their names.
  struct Part: Sendable {
    /// `train` or `validation`.
    let name: String
    /// The folder of the shards.
    let folder: BytePath
    /// Their file names, by number.
    let shards: [BytePath]
  }

  /// The names under which validation shards are looked for, in this order.
  static let validationNames = ["validation", "val", "test"]

  let root: BytePath
  let train: Part?
  let validation: Part?

  /// The file that describes a set.
  static func manifestPath(_ root: BytePath) -> BytePath { root.appending("manifest.json") }

  /// Finds the shards of a folder; nil where there are none. Throws a `ShardError` where some are missing, or those of
  /// several sets lie in one folder, and a `FileError` where a folder cannot be listed.
  static func find(_ root: BytePath) throws -> ShardLayout? {
    guard FileTree.folderIdentity(root) != nil else { return nil }
    let train = try part("train", as: "train", in: root)
    let validation = try validationNames.lazy.compactMap { try part("validation", as: $0, in: root) }.first
    if train == nil, validation == nil { return nil }
    return ShardLayout(root: root, train: train, validation: validation)
  }

  private static func part(_ name: String, as prefix: String, in root: BytePath) throws -> Part? {
    for folder in [root.appending(BytePath(prefix)), root] where FileTree.folderIdentity(folder) != nil {
      let found = try FileTree.list(folder).compactMap { entry -> (name: ShardName, file: BytePath)? in
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
      return Part(name: name, folder: folder, shards: found.sorted { $0.name.number < $1.name.number }.map(\.file))
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
