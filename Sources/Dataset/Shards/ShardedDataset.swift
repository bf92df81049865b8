// The records of a part of a set of shards as samples by index: any order over all shards costs the same, so that an
// epoch is shuffled as a whole.
//
// Of every record the process keeps 12 bytes. Whatever a record holds, reading it gives its image or throws.

import Synchronization
import TFRecord

/// The images of one part of a set of shards.
public struct ShardedDataset: Sendable {
  /// `train`, `validation` or `test`.
  public let part: String
  let shards: [OpenedShard]
  private let table: ShardClasses.Table
  private let files: ShardFiles
  private let verified: VerifiedRecords
  /// The number of the first record of each shard, and of all records.
  private let starts: [Int]
  /// The records that are samples; nil for all.
  private let selection: [Int]?

  init(part: String, shards: [OpenedShard], classes: ShardClasses.Table, verify: RecordVerification) {
    self.part = part
    self.shards = shards
    table = classes
    files = ShardFiles(paths: shards.map(\.path), sizes: shards.map(\.index.fileSize))
    starts = shards.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.index.count) }
    verified = VerifiedRecords(verify, count: starts[shards.count])
    selection = nil
  }

  private init(_ dataset: ShardedDataset, selection: [Int]) {
    part = dataset.part
    shards = dataset.shards
    table = dataset.table
    files = dataset.files
    verified = dataset.verified
    starts = dataset.starts
    self.selection = selection
  }

  /// The same set with only the samples at `indices`, in the order given.
  public func selecting(_ indices: [Int]) -> ShardedDataset {
    ShardedDataset(self, selection: indices.map { record(at: $0) })
  }

  /// The training and the validation part of these samples, drawn by the same rule as those of a folder of images, with
  /// shard and number of a record in place of a path. Throws `SplitError.tooSmall`.
  public func split(
    ratio: SplitRatio, seed: UInt64, rule: SplitRule = .exact
  ) throws -> (train: ShardedDataset, validation: ShardedDataset) {
    let split = try Split(
      classes: classes, labels: (0..<count).map { label(at: $0) },
      keys: { index in
        let (shard, record) = location(at: index)
        return BytePath("\(shards[shard].path.lastComponent)#\(record)")
      }, ratio: ratio, seed: seed, rule: rule, name: part)
    return (selecting(split.train), selecting(split.validation))
  }

  /// The shard of a sample, and its place in that.
  func location(at index: Int) -> (shard: Int, record: Int) {
    let number = record(at: index)
    // The last shard that begins at or before the record; empty shards begin where the next one does.
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= number { low = middle } else { high = middle }
    }
    return (low, number - starts[low])
  }

  /// The label of a sample as its file has it.
  func fileLabel(at index: Int) -> Int32 {
    let (shard, record) = location(at: index)
    return shards[shard].labels.labels[record]
  }

  /// Whether a sample's record has a label that is a class.
  func hasLabel(at index: Int) -> Bool { table.index(ofLabel: fileLabel(at: index)) != nil }

  /// The size of a sample's record in bytes, frame included.
  func size(at index: Int) -> Int {
    let (shard, record) = location(at: index)
    return shards[shard].index[record].count
  }

  /// The whole payload of a sample's record, its checksum checked. Throws `RecordError`.
  func payload(at index: Int) throws -> [UInt8] {
    let (shard, record) = location(at: index)
    return try files.file(shard).payload(in: shards[shard].index[record])
  }

  private func record(at index: Int) -> Int { selection?[index] ?? index }
}

extension ShardedDataset: SampleSource {
  /// The names of the classes by index.
  public var classes: [String] { table.classes }

  /// The number of samples.
  public var count: Int { selection?.count ?? starts[shards.count] }

  /// A hash of the classes, of the shards' names, and of every sample's place and label.
  public var fingerprint: UInt64 {
    var hash = StableHash()
    hash.combine(UInt64(classes.count))
    for name in classes {
      hash.combine(Array(name.utf8))
      hash.combine([0])
    }
    for shard in shards {
      hash.combine(shard.path.lastComponent.bytes)
      hash.combine([0])
    }
    for index in 0..<count {
      let (shard, record) = location(at: index)
      hash.combine(UInt64(shard))
      hash.combine(UInt64(shards[shard].index[record].lowerBound))
      hash.combine(UInt64(shards[shard].index[record].count))
      hash.combine(UInt64(bitPattern: Int64(shards[shard].labels.labels[record])))
    }
    return hash.value
  }

  /// The class of a sample; 0 for a record without a label, which cannot be read.
  public func label(at index: Int) -> Int { table.index(ofLabel: fileLabel(at: index)) ?? 0 }

  /// Shard and offset of a record, with class and file name where the record tells them.
  public func name(at index: Int) -> String {
    let (shard, record) = location(at: index)
    let range = shards[shard].index[record]
    let place = "\(part)/\(shards[shard].path.lastComponent) at byte \(range.lowerBound)"
    guard let facts = try? files.file(shard).facts(in: range), !facts.filename.isEmpty else { return place }
    return "\(place) (\(BytePath(bytes: facts.filename)))"
  }

  /// Empty: a record claims nothing that a loader would hold against its image.
  public func claimedExtension(at index: Int) -> String { "" }

  /// The encoded image of a record. Throws `RecordError` with shard and offset.
  public func read(at index: Int, limit: Int) throws -> [UInt8] {
    let (shard, record) = location(at: index)
    let range = shards[shard].index[record]
    let file = try files.file(shard)
    let number = starts[shard] + record
    let verify = verified.isDue(number)
    let (image, label) = try file.image(in: range, verify: verify, limit: limit)
    try check(label, shard: shard, record: record, file: file)
    if verify { verified.note(number) }
    return image
  }

  /// The first and last bytes of the encoded image of a record. The record's checksum is not checked.
  public func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
    let (shard, record) = location(at: index)
    let offset = shards[shard].index[record].lowerBound
    let file = try files.file(shard)
    let facts = try file.facts(in: shards[shard].index[record], withNames: false)
    try check(facts.label, shard: shard, record: record, file: file)
    guard let image = facts.image else {
      throw RecordError(
        path: file.path, offset: offset, reason: .unusable("it has no '\(ImageExample.imageName)'"))
    }
    if image.count <= head + tail { return (try file.bytes(in: image, ofRecord: offset), image.count) }
    let first = try file.bytes(in: image.lowerBound..<image.lowerBound + head, ofRecord: offset)
    let last = try file.bytes(in: image.upperBound - tail..<image.upperBound, ofRecord: offset)
    return (first + last, image.count)
  }

  /// A record's label must be a class, and the one that was found when the set was opened.
  private func check(_ label: Int64?, shard: Int, record: Int, file: RecordFile) throws {
    let expected = shards[shard].labels.labels[record]
    let reason: String
    switch label {
    case nil: reason = "it has no '\(ImageExample.labelName)'"
    case Int64(expected) where table.index(ofLabel: expected) != nil: return
    case let label? where expected < 0: reason = "its label \(label) is no class"
    case let label?: reason = "its label \(label) is not the \(expected) that the manifest has"
    }
    throw RecordError(
      path: file.path, offset: shards[shard].index[record].lowerBound, reason: .unusable(reason))
  }
}

// When the checksums of records are checked.

/// How often the checksum of a record's payload is checked. That of its length is checked at every read.
public enum RecordVerification: String, Codable, Sendable, CaseIterable {
  /// The first time that this process reads the record.
  case first
  /// At every read.
  case always
  /// Never; damage is then found by the image's decoder, or not at all.
  case never
}

/// Which records have been checked. May be used from any thread.
final class VerifiedRecords: Sendable {
  private let policy: RecordVerification
  private let bits: Mutex<[UInt64]>

  init(_ policy: RecordVerification, count: Int) {
    self.policy = policy
    bits = Mutex(policy == .first ? [UInt64](repeating: 0, count: (count + 63) / 64) : [])
  }

  /// Whether a record has to be checked now.
  func isDue(_ record: Int) -> Bool {
    switch policy {
    case .always: true
    case .never: false
    case .first: bits.withLock { $0[record / 64] >> UInt64(record % 64) & 1 == 0 }
    }
  }

  /// Takes note that a record has been checked and is sound.
  func note(_ record: Int) {
    if policy == .first { bits.withLock { $0[record / 64] |= 1 << UInt64(record % 64) } }
  }
}
