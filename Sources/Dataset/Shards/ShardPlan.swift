// What is written where: a pure function of the input and the options, whatever the number of workers or the point at
// which the work was interrupted.

/// The shards to be written, with the records that go into each.
struct ShardPlan: Sendable {
  /// The records of one part in the order in which they are written.
  struct Part: Sendable {
    /// `train` or `validation`.
    let name: String
    /// About how many bytes each record will take.
    let sizes: [Int]
    let numShards: Int
  }

  /// One shard.
  struct Shard: Sendable {
    let name: ShardName
    /// The place of its part in the plan.
    let part: Int
    /// Its records, by their place in the part.
    let records: Range<Int>
  }

  /// Records that one worker turns into bytes at a time.
  struct Chunk: Sendable {
    /// The place of the shard in the plan.
    let shard: Int
    let records: Range<Int>
    let isLast: Bool
  }

  private static let chunkBytes = 1 << 20
  private static let chunkRecords = 256

  let parts: [Part]
  let shards: [Shard]

  /// Cuts parts into shards whose numbers of records differ by one at most.
  init(_ parts: [Part]) {
    self.parts = parts
    var shards: [Shard] = []
    for (place, part) in parts.enumerated() {
      let (share, remainder) = part.sizes.count.quotientAndRemainder(dividingBy: part.numShards)
      var start = 0
      for number in 0..<part.numShards {
        let count = share + (number < remainder ? 1 : 0)
        let name = ShardName(part: part.name, number: number, total: part.numShards)
        shards.append(Shard(name: name, part: place, records: start..<start + count))
        start += count
      }
    }
    self.shards = shards
  }

  /// The number of all records.
  var numRecords: Int { parts.reduce(0) { $0 + $1.sizes.count } }

  /// A shard in pieces of about a megabyte.
  func chunks(ofShard place: Int) -> [Chunk] {
    let shard = shards[place]
    var chunks: [Chunk] = []
    var (start, bytes) = (shard.records.lowerBound, 0)
    for record in shard.records {
      bytes += parts[shard.part].sizes[record]
      let isLast = record + 1 == shard.records.upperBound
      if isLast || bytes >= Self.chunkBytes || record + 1 - start >= Self.chunkRecords {
        chunks.append(Chunk(shard: place, records: start..<record + 1, isLast: isLast))
        (start, bytes) = (record + 1, 0)
      }
    }
    return chunks
  }
}
