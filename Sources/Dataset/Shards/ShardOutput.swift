// One shard while it is written: a hidden file that takes its name when it is whole and on the disk.

import TFRecord

/// A shard under way. Used by one thread at a time.
final class ShardOutput {
  private let path: BytePath
  private let file: StagedFile
  private let indexPath: BytePath
  private var crc: UInt32 = 0
  private var numBytes = 0
  private var sizes: [Int] = []
  private var labels: [Int] = []
  private var numReencoded = 0
  private var skipped: [BadSample] = []

  /// Begins a shard in an existing folder. Throws a `FileError`.
  init(_ path: BytePath, index: BytePath) throws {
    self.path = path
    indexPath = index
    file = try StagedFile(path)
  }

  /// Adds records.
  func write(_ chunk: BuiltChunk) throws {
    try chunk.bytes.withUnsafeBytes { bytes in
      crc = MaskedCRC32C.crc(crc, extendedBy: bytes)
      try file.write(bytes)
    }
    numBytes += chunk.bytes.count
    sizes += chunk.sizes
    labels += chunk.labels
    numReencoded += chunk.numReencoded
    skipped += chunk.bad
  }

  /// Puts the shard and its index under their names. Throws `FileError`, or `ShardError.emptyShard`.
  func finish() throws -> FinishedShard {
    if sizes.isEmpty { throw ShardError.emptyShard(path.lastComponent.description) }
    try FileWriter.writeAtomically(RecordIndex(sizes: sizes).text, to: indexPath)
    try file.commit()
    return FinishedShard(
      bytes: numBytes, crc32c: crc, records: sizes.count, labels: labels, numReencoded: numReencoded, skipped: skipped)
  }
}
