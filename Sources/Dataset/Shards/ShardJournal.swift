// What an unfinished set of shards keeps beside them, in OUT/.pack: the plan, and a file for each finished shard. The
// folder goes when the set is whole.

import Foundation
import TFRecord

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
