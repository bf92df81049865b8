// Where the records of shards that are written come from.

/// What became of a record that was written.
struct WrittenRecord: Sendable {
  /// The label as the file has it.
  let label: Int
  /// Whether its image was encoded anew.
  let isReencoded: Bool
}

/// Makes the payloads of records. Called on many threads at once.
protocol ShardInput: Sendable {
  /// Appends the payload of a record of a part. Throws where it cannot be used.
  func append(_ record: Int, ofPart part: Int, to payload: inout [UInt8]) throws -> WrittenRecord
  /// The name of a record's source, for a message.
  func name(_ record: Int, ofPart part: Int) -> String
}
