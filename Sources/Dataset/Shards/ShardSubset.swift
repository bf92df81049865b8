// A part of a set of shards as a set of its own: some classes, a share of the images of each.
//
// The classes that stay are counted from 1 again, in their old order. Of every class the images with the smallest numbers
// stay, drawn from (seed, shard, record), so that a larger share holds every smaller one of the same seed.

import KeyedRandom
import TFRecord

/// Writes subsets of shards.
public enum ShardSubset {
  /// Which classes stay. Names are whole names, whatever characters are in them.
  public enum Classes: Sendable, Hashable {
    /// All.
    case all
    /// So many, drawn by the seed.
    case count(Int)
    /// Those with these names.
    case names([String])
  }

  /// Writes the chosen part of the shards in `folder` into `out`, or goes on where an earlier start was interrupted.
  /// - Parameters:
  ///   - fraction: the share of the images of each class that stays, in (0, 1]; one image at least.
  ///   - progress: hears how many of how many images are done, one thread at a time.
  /// - Throws: `ShardError`, `RecordError`, `FileError`.
  @discardableResult
  public static func write(
    _ folder: BytePath, to out: BytePath, classes: Classes = .all, fraction: Double = 1,
    options: ShardOptions = ShardOptions(), progress: (@Sendable (_ numDone: Int, _ numImages: Int) -> Void)? = nil
  ) throws -> ShardResult {
    precondition(fraction > 0 && fraction <= 1 && options.numThreads >= 1, "a fraction in (0, 1], one thread at least")
    let set = try ShardSet(folder, verify: .always, numThreads: options.numThreads)
    let datasets = set.splits.compactMap { set[$0] }
    guard let all = datasets.first?.classes else { throw ShardError.noShards(folder.description) }
    let kept = try chosen(classes, of: all, seed: options.seed)
    var newLabels = [Int](repeating: 0, count: all.count)
    for (place, label) in kept.enumerated() { newLabels[label] = place + 1 }
    var notes = set.notes
    if case .count(let count) = classes, all.contains("\(count)") {
      notes.append("\(count) classes are drawn by the seed; for the one called '\(count)' give --class \(count)")
    }
    var (parts, planned): ([ShardSubsetInput.Part], [ShardPlan.Part]) = ([], [])
    var (inputHash, times) = (StableHash(), StableHash())
    for dataset in datasets {
      var records = drawn(dataset, newLabels: newLabels, fraction: fraction, seed: options.seed)
      if records.isEmpty { continue }
      if dataset.part == "train" {
        var random = KeyedRandom(seed: options.seed)
        records = random.shuffled(records.count).map { records[$0] }
      }
      let sizes = records.map { dataset.size(at: $0) }
      inputHash.combine(dataset.fingerprint)
      for shard in dataset.shards { times.combine(UInt64(FileTree.sizeAndTime(shard.path)?.time.magnitude ?? 0)) }
      parts.append(.init(dataset: dataset, records: records))
      planned.append(
        .init(
          name: dataset.part, sizes: sizes,
          numShards: ShardPacking.numShards(dataset.part, sizes, options.shards, &notes)))
    }
    if parts.isEmpty { throw ShardError.empty(folder.description) }
    let names = kept.map { all[$0] }
    let order = ShardOrder(
      plan: ShardPlan(planned), input: ShardSubsetInput(parts: parts, newLabels: newLabels), source: folder,
      classes: names,
      manifestOptions: .init(
        command: "subset", seed: options.seed,
        settings: ["shards": "\(options.shards)", "classes": "\(names.count)", "fraction": "\(fraction)"]),
      options: options, notes: notes, inputHash: inputHash, times: times)
    return try order.write(to: out, progress: progress)
  }

  /// The old indices of the classes that stay, ascending.
  private static func chosen(_ classes: Classes, of all: [String], seed: UInt64) throws -> [Int] {
    switch classes {
    case .all: return Array(all.indices)
    case .count(let count):
      guard (1...all.count).contains(count) else { throw ShardError.notSoManyClasses(count, numClasses: all.count) }
      var random = KeyedRandom(seed: seed, 1)
      return random.shuffled(all.count).prefix(count).sorted()
    case .names(let names):
      return try Set(
        names.map { name in
          guard let index = all.firstIndex(of: name) else { throw ShardError.noSuchClass(name, known: all) }
          return index
        }
      ).sorted()
    }
  }

  /// The samples of a part that stay, in its order.
  private static func drawn(
    _ dataset: ShardedDataset, newLabels: [Int], fraction: Double, seed: UInt64
  ) -> [Int] {
    var perClass = [[(number: UInt64, index: Int)]](repeating: [], count: newLabels.count)
    for index in 0..<dataset.count where dataset.hasLabel(at: index) && newLabels[dataset.label(at: index)] > 0 {
      let (shard, record) = dataset.location(at: index)
      var hash = StableHash()
      hash.combine(seed)
      hash.combine(dataset.shards[shard].path.lastComponent.bytes)
      hash.combine(UInt64(record))
      perClass[dataset.label(at: index)].append((hash.value, index))
    }
    return perClass.flatMap { members -> [Int] in
      let count = members.isEmpty ? 0 : max(1, Int((Double(members.count) * fraction).rounded()))
      return members.sorted { $0 < $1 }.prefix(count).map(\.index)
    }.sorted()
  }
}

/// Records of other shards, with new labels.
struct ShardSubsetInput: ShardInput {
  /// The records of one part in the order in which they are written.
  struct Part: Sendable {
    let dataset: ShardedDataset
    let records: [Int]
  }

  let parts: [Part]
  /// The label of each old class, 0 for those that go.
  let newLabels: [Int]

  func name(_ record: Int, ofPart part: Int) -> String { parts[part].dataset.name(at: parts[part].records[record]) }

  func append(_ record: Int, ofPart part: Int, to payload: inout [UInt8]) throws -> WrittenRecord {
    let (dataset, index) = (parts[part].dataset, parts[part].records[record])
    let old = try dataset.payload(at: index)
    let label = newLabels[dataset.label(at: index)]
    try old.withUnsafeBytes { try ImageExample.append($0, relabelled: label, to: &payload) }
    return WrittenRecord(label: label, isReencoded: false)
  }
}
