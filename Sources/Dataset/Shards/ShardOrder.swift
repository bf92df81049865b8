// One set to be written: plan, input and output put together.

import Foundation
import TFRecord

/// A set of shards to be written.
struct ShardOrder {
  let plan: ShardPlan
  let input: any ShardInput
  /// The folder that is read, which the output must not overlap.
  let source: BytePath
  let classes: [String]
  let manifestOptions: ShardManifest.Options
  let options: ShardOptions
  let notes: [String]
  /// The hash of everything in the input that decides the bytes.
  let inputHash: StableHash
  /// A hash of the input's times.
  let times: StableHash

  /// Writes the set into `out`, or goes on where an earlier start was interrupted. A set that is whole already is left as
  /// it is. Throws `ShardError`, `FileError`.
  func write(
    to out: BytePath, progress: (@Sendable (_ numDone: Int, _ numRecords: Int) -> Void)?
  ) throws -> ShardResult {
    let target = try target(out)
    let hash = planHash()
    if FileTree.exists(ShardLayout.manifestPath(target)) {
      let manifest = try ShardManifest(reading: ShardLayout.manifestPath(target))
      guard manifest.plan == hash, isWhole(manifest, in: target) else {
        throw ShardError.outputNotEmpty(out.description)
      }
      FileTree.removeTree(target.appending(".pack"))
      return ShardResult(manifest: manifest, numKept: plan.shards.count, notes: notes)
    }
    let journal = try ShardJournal(target, plan: hash, times: String(times.value, radix: 16))
    let numRecords = plan.numRecords
    let writer = ShardWriter(
      plan, from: input, to: target, journal: journal,
      tolerance: ShardWriter.Tolerance(policy: options.onError, maxBadFraction: options.maxBadFraction),
      progress: { progress?($0, numRecords) })
    let (shards, numKept) = try writer.write(numThreads: options.numThreads)
    let manifest = manifest(of: shards, plan: hash)
    try FileWriter.writeAtomically(manifest.encoded(), to: ShardLayout.manifestPath(target))
    journal.remove()
    return ShardResult(manifest: manifest, numKept: numKept, notes: notes)
  }

  /// The output's path without links, made where missing.
  private func target(_ out: BytePath) throws -> BytePath {
    if FileTree.exists(out), FileTree.folderIdentity(out) == nil { throw ShardError.outputNotEmpty(out.description) }
    // Looked at before the folder is made, so that a refusal leaves none behind.
    let resolvedSource = try FileTree.resolve(source)
    var existing = out
    while !FileTree.exists(existing) { existing = existing.parent }
    let resolved = try FileTree.resolve(existing)
    let isInside = resolved.isInside(resolvedSource)
    let holds = existing == out && resolvedSource.isInside(resolved)
    if isInside || holds {
      throw ShardError.outputOverlapsInput(output: out.description, input: source.description)
    }
    try FileTree.makeFolders(out)
    return try FileTree.resolve(out)
  }

  private func planHash() -> String {
    var hash = inputHash
    for text in [manifestOptions.command, "\(manifestOptions.seed)"] + classes { hash.combine(Array(text.utf8) + [0]) }
    for (name, value) in manifestOptions.settings.sorted(by: { $0.key < $1.key }) {
      hash.combine(Array("\(name)=\(value)".utf8) + [0])
    }
    for shard in plan.shards { hash.combine(Array("\(shard.name) \(shard.records.count)".utf8) + [0]) }
    return String(hash.value, radix: 16)
  }

  private func isWhole(_ manifest: ShardManifest, in out: BytePath) -> Bool {
    manifest.parts.flatMap(\.shards).allSatisfy { shard in
      FileTree.sizeAndTime(out.appending(BytePath(shard.file)))?.size == shard.bytes
        && FileTree.exists(out.appending(BytePath(shard.index)))
    }
  }

  private func manifest(of finished: [FinishedShard], plan hash: String) -> ShardManifest {
    let pairs = Array(zip(plan.shards, finished))
    var skipped: [ShardManifest.Skipped] = []
    let parts = plan.parts.enumerated().map { place, part in
      let own = pairs.filter { $0.0.part == place }
      var counts = [Int](repeating: 0, count: classes.count)
      for label in own.flatMap(\.1.labels) where counts.indices.contains(label - 1) { counts[label - 1] += 1 }
      skipped += own.flatMap(\.1.skipped).map { .init(set: part.name, path: $0.path, reason: $0.reason) }
      return ShardManifest.Part(
        name: part.name, samples: own.reduce(0) { $0 + $1.1.records }, bytes: own.reduce(0) { $0 + $1.1.bytes },
        classCounts: counts, reencoded: own.reduce(0) { $0 + $1.1.numReencoded },
        shards: own.map { shard, finished in
          let digits = String(finished.crc32c, radix: 16)
          return ShardManifest.Shard(
            file: ShardWriter.relativePath(shard.name), index: ShardWriter.relativeIndexPath(shard.name),
            bytes: finished.bytes, crc32c: String(repeating: "0", count: 8 - digits.count) + digits,
            records: finished.records, labels: finished.labels.map(String.init).joined(separator: " "))
        })
    }
    return ShardManifest(classes: classes, options: manifestOptions, plan: hash, parts: parts, skipped: skipped)
  }
}

/// What came of writing shards.
public struct ShardResult: Sendable {
  /// What is in the set.
  public let manifest: ShardManifest
  /// Shards that an earlier, interrupted start had finished.
  public let numKept: Int
  /// What the user should know, one line each.
  public let notes: [String]
}

// What an unfinished set of shards keeps beside them, in OUT/.pack: the plan, and a file for each finished shard. The
// folder goes when the set is whole.

/// The journal of one output folder, locked for this process.
final class ShardJournal: Sendable {
  private struct Plan: Codable, Equatable {
    /// The hash of options and input.
    let plan: String
    /// A hash of the input's times, which tells a file that was replaced by one of the same size.
    let times: String
  }

  private let folder: BytePath
  private let lock: FileLock

  /// Opens the journal of `out`, a folder that exists, for a plan.
  /// - Throws: `ShardError` where something else stands there, another plan was begun, or another process writes.
  init(_ out: BytePath, plan: String, times: String) throws {
    folder = out.appending(".pack")
    let isNew = FileTree.folderIdentity(folder) == nil
    if isNew {
      guard try FileTree.isEmptyFolder(out) else { throw ShardError.outputNotEmpty(out.description) }
      try FileTree.makeFolders(folder)
    }
    guard let lock = try FileLock.take(file: folder.appending("lock")) else { throw ShardError.inUse(out.description) }
    self.lock = lock
    let wanted = Plan(plan: plan, times: times)
    let path = folder.appending("plan.json")
    if FileTree.exists(path) {
      guard Self.decode(Plan.self, path) == wanted else { throw ShardError.otherPlan(out.description) }
    } else {
      try Self.encode(wanted, path)
    }
  }

  /// What was noted of a shard, if it is still in its place with the size and the checksum that it had.
  func finished(_ name: ShardName, shard: BytePath, index: BytePath) -> FinishedShard? {
    guard let noted = Self.decode(FinishedShard.self, path(name)), noted.labels.count == noted.records,
      let file = try? ShardFiles.open(shard), file.size == noted.bytes,
      let text = try? FileReader.read(index), RecordIndex(text, fileSize: file.size)?.count == noted.records
    else { return nil }
    var crc: UInt32 = 0
    var offset = 0
    while offset < file.size {
      let range = offset..<min(file.size, offset + (4 << 20))
      guard let bytes = try? file.bytes(in: range, ofRecord: 0) else { return nil }
      crc = bytes.withUnsafeBytes { MaskedCRC32C.crc(crc, extendedBy: $0) }
      offset = range.upperBound
    }
    return crc == noted.crc32c ? noted : nil
  }

  /// Takes note of a shard.
  func note(_ shard: FinishedShard, _ name: ShardName) throws { try Self.encode(shard, path(name)) }

  /// Removes the journal: the set is whole.
  func remove() { FileTree.removeTree(folder) }

  private func path(_ name: ShardName) -> BytePath { folder.appending(BytePath("\(name).json")) }

  private static func encode(_ value: some Encodable, _ path: BytePath) throws {
    try FileWriter.writeAtomically(Array(try JSONEncoder().encode(value)), to: path)
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ path: BytePath) -> Value? {
    (try? FileReader.read(path)).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
  }
}
