// Writes the shards of a plan with several threads: each turns chunks of records into bytes, and the chunks are written
// in the order of the plan by whichever thread has the next one. At most a few chunks for each thread are in memory.
//
// Files are the same whatever the number of threads, and whether the work was interrupted: finished shards are kept when
// they still have their checksums, all others are written anew.

import TFRecord

/// Writes shards. One object writes one set.
final class ShardWriter: @unchecked Sendable {
  /// What may be bad.
  struct Tolerance: Sendable {
    var policy = DataLoader.ErrorPolicy.skip
    var maxBadFraction = 0.01
  }

  /// The memory of a chunk with a huge image is not kept.
  private static let maximumSpare = 16 << 20

  private let out: BytePath
  private let plan: ShardPlan
  private let input: any ShardInput
  private let journal: ShardJournal
  private let tolerance: Tolerance
  private let progress: @Sendable (Int) -> Void
  private let condition = Condition()
  // Guarded by `condition`:
  private var chunks: [ShardPlan.Chunk] = []
  private var nextChunk = 0
  private var nextWritten = 0
  private var built: [Int: BuiltChunk] = [:]
  /// The memory of chunks that are written, for those that are built next: fresh pages cost more than what fills them.
  private var spare: [[UInt8]] = []
  private var isWriting = false
  private var numDone = 0
  private var numBad = 0
  private var finished: [FinishedShard?]
  private var failure: (any Error)?
  // Used by the thread that writes:
  private var output: ShardOutput?

  /// A writer into the folder `out`, which exists. `progress` hears the number of records done, one thread at a time.
  init(
    _ plan: ShardPlan, from input: any ShardInput, to out: BytePath, journal: ShardJournal, tolerance: Tolerance,
    progress: @escaping @Sendable (_ numDone: Int) -> Void
  ) {
    self.plan = plan
    self.input = input
    self.out = out
    self.journal = journal
    self.tolerance = tolerance
    self.progress = progress
    finished = Array(repeating: nil, count: plan.shards.count)
  }

  /// Writes all that is not there yet.
  /// - Returns: the shards in the order of the plan, and how many of them were there.
  func write(numThreads: Int) throws -> (shards: [FinishedShard], numKept: Int) {
    for part in plan.parts {
      for name in [part.name, "idx_files/\(part.name)"] {
        let folder = out.appending(BytePath(name))
        try FileTree.makeFolders(folder)
        try removeLeftovers(in: folder)
      }
    }
    try removeLeftovers(in: out)
    try parallelFor(plan.shards.count, numThreads: numThreads) { [self] place in
      let shard = plan.shards[place]
      guard let kept = journal.finished(shard.name, shard: path(shard), index: indexPath(shard)) else { return }
      condition.withLock { finished[place] = kept }
    }
    let numKept = finished.count { $0 != nil }
    for (place, shard) in plan.shards.enumerated() {
      if let kept = finished[place] {
        try take(kept.skipped, numRecords: shard.records.count)
      } else {
        chunks += plan.chunks(ofShard: place)
      }
    }
    if !chunks.isEmpty {
      try parallelFor(numThreads, numThreads: numThreads) { [self] _ in work(window: 2 * numThreads + 1) }
    }
    if let failure { throw failure }
    return (finished.compactMap(\.self), numKept)
  }

  /// The path of a shard below the folder of the set.
  static func relativePath(_ name: ShardName) -> String { "\(name.part)/\(name)" }

  /// The path of a shard's index below the folder of the set.
  static func relativeIndexPath(_ name: ShardName) -> String { "idx_files/\(name.part)/\(name).idx" }

  private func path(_ shard: ShardPlan.Shard) -> BytePath { out.appending(BytePath(Self.relativePath(shard.name))) }

  private func indexPath(_ shard: ShardPlan.Shard) -> BytePath {
    out.appending(BytePath(Self.relativeIndexPath(shard.name)))
  }

  /// A killed process leaves hidden files behind.
  private func removeLeftovers(in folder: BytePath) throws {
    for name in try FileTree.hiddenNames(folder) where name.description.contains(".partial-") {
      FileTree.removeFile(folder.appending(name))
    }
  }

  private func work(window: Int) {
    while let (number, chunk) = claim(window: window) {
      do {
        let done = try build(chunk)
        let begun = condition.withLock { () -> Bool in
          built[number] = done
          defer { isWriting = true }
          return !isWriting
        }
        if begun { try writeAll() }
      } catch {
        condition.withLock {
          failure = failure ?? error
          condition.broadcast()
        }
      }
    }
  }

  /// The next chunk to build; waits while enough is built ahead, nil when nothing is left.
  private func claim(window: Int) -> (Int, ShardPlan.Chunk)? {
    condition.withLock {
      while failure == nil, nextChunk < chunks.count {
        if nextChunk < nextWritten + window {
          nextChunk += 1
          return (nextChunk - 1, chunks[nextChunk - 1])
        }
        condition.wait()
      }
      return nil
    }
  }

  private func build(_ chunk: ShardPlan.Chunk) throws -> BuiltChunk {
    let part = plan.shards[chunk.shard].part
    var built = BuiltChunk()
    built.bytes = condition.withLock { spare.popLast() } ?? []
    built.bytes.reserveCapacity(
      chunk.records.reduce(0) { $0 + plan.parts[part].sizes[$1] } + chunk.records.count * 512)
    for record in chunk.records {
      do {
        var written: WrittenRecord?
        let size = try RecordFrame.append(to: &built.bytes) { payload throws in
          written = try input.append(record, ofPart: part, to: &payload)
        }
        built.sizes.append(size)
        if let written {
          built.labels.append(written.label)
          built.numReencoded += written.isReencoded ? 1 : 0
        }
      } catch let error as FileError where error.isSystemWide {
        throw error
      } catch {
        let bad = BadSample(
          sampleIndex: record, path: input.name(record, ofPart: part), reason: BadSample.reason(error))
        built.bad.append(bad)
      }
    }
    return built
  }

  /// Writes what is built, in order, until the next chunk is not there yet.
  private func writeAll() throws {
    while let next = nextBuilt() {
      let chunk = next.chunk
      var built = next.built
      let shard = plan.shards[chunk.shard]
      try take(built.bad, numRecords: chunk.records.count)
      let output = try self.output ?? ShardOutput(path(shard), index: indexPath(shard))
      try output.write(built)
      built.bytes.removeAll(keepingCapacity: true)
      self.output = chunk.isLast ? nil : output
      condition.withLock {
        nextWritten += 1
        if built.bytes.capacity <= Self.maximumSpare { spare.append(built.bytes) }
        // While this thread waits for the disk to take a whole shard, another one may go on with the next.
        if chunk.isLast { isWriting = false }
        condition.broadcast()
      }
      guard chunk.isLast else { continue }
      let done = try output.finish()
      try journal.note(done, shard.name)
      let goesOn = condition.withLock { () -> Bool in
        finished[chunk.shard] = done
        defer { isWriting = true }
        return !isWriting
      }
      if !goesOn { return }
    }
  }

  /// The next chunk to write; where it is not there, this thread writes no more.
  private func nextBuilt() -> (chunk: ShardPlan.Chunk, built: BuiltChunk)? {
    condition.withLock {
      guard failure == nil, let chunk = built.removeValue(forKey: nextWritten) else {
        isWriting = false
        return nil
      }
      return (chunks[nextWritten], chunk)
    }
  }

  private func take(_ bad: [BadSample], numRecords: Int) throws {
    if tolerance.policy == .stop, let first = bad.first { throw ShardError.badImage(first) }
    try condition.withLock {
      numDone += numRecords
      numBad += bad.count
      progress(numDone)
      if Double(numBad) > tolerance.maxBadFraction * Double(plan.numRecords), let first = bad.first {
        throw ShardError.tooManyBadImages(
          numBad: numBad, numImages: plan.numRecords, maxBadFraction: tolerance.maxBadFraction, example: first)
      }
    }
  }
}

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

// One shard while it is written: a hidden file that takes its name when it is whole and on the disk.

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
