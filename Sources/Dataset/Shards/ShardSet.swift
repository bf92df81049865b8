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

// Which classes the labels of a set stand for.

/// The classes of a set of shards, and the way from a file's label to a class.
struct ShardClasses: Sendable {
  /// The classes by index, and the index of each label as the file has it, -1 for none.
  struct Table: Sendable {
    let classes: [String]
    private let firstLabel: Int
    /// The places of the set's classes in `classes`; nil where they are the same.
    private let places: [Int]?

    init(classes: [String], firstLabel: Int, places: [Int]? = nil) {
      self.classes = classes
      self.firstLabel = firstLabel
      self.places = places
    }

    /// The class of a file's label; nil where it is none.
    func index(ofLabel label: Int32) -> Int? {
      let own = Int(label) - firstLabel
      guard label >= 0, own >= 0, own < places?.count ?? classes.count else { return nil }
      return places?[own] ?? own
    }
  }

  /// The names by index.
  let names: [String]
  /// Whether the names say more than a number.
  let areNamed: Bool
  /// The label of the first class.
  let firstLabel: Int
  /// What the user should know.
  let notes: [String]

  /// The classes of these shards. A manifest that all of them agree with decides; without one, labels and names are those
  /// of the records, and `names` those of a manifest that some agree with.
  init(_ shards: [OpenedShard], manifest: ShardManifest?, names: [String]?) {
    var highest: Int32 = 0
    var hasZero = false
    for shard in shards {
      for label in shard.labels.labels where label >= 0 {
        highest = max(highest, label)
        if label == 0 { hasZero = true }
      }
    }
    let firstLabel = manifest?.firstLabel ?? (hasZero ? 0 : 1)
    let count = max(0, Int(highest) - firstLabel + 1)
    self.firstLabel = firstLabel
    var notes: [String] = []
    if hasZero, manifest == nil {
      notes.append("the labels of the shards count from 0, not from 1 as ImageNet's: 0 is taken as the first class")
    }
    if let names, names.count >= count {
      self.names = names
      areNamed = true
    } else {
      var met: [Int32: String] = [:]
      for shard in shards { met.merge(shard.labels.names) { first, second in first.isEmpty ? second : first } }
      let numbers = (0..<count).map { String($0 + firstLabel) }
      let texts = (0..<count).map { met[Int32($0 + firstLabel)].flatMap { $0.isEmpty ? nil : $0 } ?? numbers[$0] }
      areNamed = Set(texts).count == count && texts != numbers
      self.names = areNamed ? texts : numbers
    }
    self.notes = notes
  }

  /// The table of labels, with the places of a model's classes where they are given. Throws a `ShardError` for classes
  /// that the model does not know.
  func matched(to known: [String]?, root: BytePath) throws -> Table {
    guard let known, known != names else { return Table(classes: names, firstLabel: firstLabel) }
    guard areNamed else {
      guard names.count <= known.count else {
        throw ShardError.tooManyClasses(names.count, known: known.count, root: root.description)
      }
      return Table(classes: known, firstLabel: firstLabel, places: Array(names.indices))
    }
    let places = Dictionary(known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let unknown = names.filter { places[$0] == nil }
    if !unknown.isEmpty { throw ShardError.unknownClasses(unknown, known: known, root: root.description) }
    return Table(classes: known, firstLabel: firstLabel, places: names.map { places[$0]! })
  }
}
