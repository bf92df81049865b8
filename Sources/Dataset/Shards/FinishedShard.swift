// What is known of a shard that was written: enough to go on after an interruption as if there had been none.

/// A shard that is in its place.
struct FinishedShard: Codable, Sendable, Equatable {
  /// Its size.
  let bytes: Int
  /// The CRC-32C of the file.
  let crc32c: UInt32
  let records: Int
  /// The label of each record.
  let labels: [Int]
  let numReencoded: Int
  /// What was left out; numbers are places in the order of the part.
  let skipped: [BadSample]
}

/// The records of a chunk as bytes.
struct BuiltChunk: Sendable {
  var bytes: [UInt8] = []
  var sizes: [Int] = []
  var labels: [Int] = []
  var numReencoded = 0
  var bad: [BadSample] = []
}
