// The splits of a set of shards, with classes and labels that agree.
//
// Labels count from 1 in files, as in ImageNet's, and from 0 inside. Files whose labels count from 0 are recognised by
// their having one, in any split.

import TFRecord

/// The shards of a folder.
public struct ShardSet: Sendable {
  /// The images of each split that there is.
  private let datasets: [SplitName: ShardedDataset]
  /// What the user should know, one line each.
  public let notes: [String]

  /// The images to train on; nil where there are none.
  public var train: ShardedDataset? { datasets[.train] }
  /// The images to validate on; nil where there are none.
  public var validation: ShardedDataset? { datasets[.validation] }
  /// The images to test on; nil where there are none.
  public var test: ShardedDataset? { datasets[.test] }
  /// The images of a split; nil where there are none.
  public subscript(split: SplitName) -> ShardedDataset? { datasets[split] }
  /// The splits that there are, in the order train, validation, test.
  public var splits: [SplitName] { SplitName.allCases.filter { datasets[$0] != nil } }

  /// Whether a folder holds shards. Throws where they are incomplete, or a folder cannot be listed.
  public static func isThere(_ root: BytePath) throws -> Bool { try ShardLayout.find(root) != nil }

  /// Opens the shards of a folder: index files and manifest where there are, else the frames and the records themselves.
  /// With `known`, the labels are places in that list of classes, as stored in a checkpoint.
  ///
  /// - Throws: `ShardError`, `RecordError` (a shard that cannot be gone through), `FileError`.
  public init(
    _ root: BytePath, verify: RecordVerification = .first, classes known: [String]? = nil, numThreads: Int = 4
  ) throws {
    guard let layout = try ShardLayout.find(root) else { throw ShardError.noShards(root.description) }
    var notes: [String] = []
    let manifest = Self.manifest(of: root, &notes)
    let parts = layout.parts
    let opened = try Self.open(parts, manifest: manifest, numThreads: numThreads, &notes)
    let classes = ShardClasses(
      opened.flatMap(\.self), manifest: opened.joined().contains(where: \.wasWalked) ? nil : manifest,
      names: manifest?.classes)
    notes += classes.notes
    let names = try classes.matched(to: known, root: root)
    var datasets: [SplitName: ShardedDataset] = [:]
    for (part, shards) in zip(parts, opened) {
      let dataset = ShardedDataset(part: part.split.rawValue, shards: shards, classes: names, verify: verify)
      if dataset.count == 0 { throw ShardError.empty(part.folder.description) }
      datasets[part.split] = dataset
    }
    self.datasets = datasets
    self.notes = notes
  }

  private static func manifest(of root: BytePath, _ notes: inout [String]) -> ShardManifest? {
    let path = ShardLayout.manifestPath(root)
    guard FileTree.exists(path) else { return nil }
    do {
      return try ShardManifest(reading: path)
    } catch {
      notes.append("\(error)")
      return nil
    }
  }

  private static func open(
    _ parts: [ShardLayout.Part], manifest: ShardManifest?, numThreads: Int, _ notes: inout [String]
  ) throws -> [[OpenedShard]] {
    let known = manifest?.shardsByName() ?? [:]
    let all = parts.flatMap { part in part.shards.map { (folder: part.folder, name: $0) } }
    let opened = try parallelMap(all.count, numThreads: numThreads) { place in
      let (folder, name) = all[place]
      return try OpenedShard(folder.appending(name), in: folder, known: known[name])
    }
    let numScanned = opened.count { $0.wasScanned && $0.index.count > 0 }
    if numScanned > 0 {
      notes.append(
        "\(numScanned) shard(s) have no index that fits; 'vitrail data index' writes one and saves the search")
    }
    let numWalked = opened.count { $0.wasWalked && $0.index.count > 0 }
    if manifest != nil, numWalked > 0 {
      notes.append("\(numWalked) shard(s) are not those of the manifest: their labels are read out of the records")
    }
    var start = 0
    return parts.map { part in
      defer { start += part.shards.count }
      return Array(opened[start..<start + part.shards.count])
    }
  }
}
