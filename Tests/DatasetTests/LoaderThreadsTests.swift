import Augment
import Foundation
import Synchronization
import Testing

@testable import Dataset

/// Threads, memory and failures of the system.
struct LoaderThreadsTests {
  /// Reads slowly, notes which threads read, and can fail.
  private struct Probe: SampleSource {
    final class Record: Sendable {
      let threads = Mutex<Set<String>>([])
      let numReads = Atomic(0)
    }
    let inner: ImageFolder
    var microseconds: UInt32 = 0
    var failsAt: Int?
    let record = Record()
    var classes: [String] { inner.classes }
    var count: Int { inner.count }
    var fingerprint: UInt64 { inner.fingerprint }
    func label(at index: Int) -> Int { inner.label(at: index) }
    func name(at index: Int) -> String { inner.name(at: index) }
    func claimedExtension(at index: Int) -> String { inner.claimedExtension(at: index) }
    func read(at index: Int, limit: Int) throws -> [UInt8] {
      let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
      _ = record.threads.withLock { $0.insert("/proc/" + thread) }
      record.numReads.wrappingAdd(1, ordering: .relaxed)
      if microseconds > 0 { usleep(microseconds) }
      if index == failsAt { throw FileError("open", inner.path(at: index), code: EMFILE) }
      return try inner.read(at: index, limit: limit)
    }
    func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
      if index == failsAt { throw FileError("open", inner.path(at: index), code: EMFILE) }
      return try inner.readEnds(at: index, head: head, tail: tail)
    }

    /// Threads that have read and still run.
    var numAlive: Int {
      record.threads.withLock { $0.count { FileManager.default.fileExists(atPath: $0) } }
    }
  }

  /// Counts the blocks that are out, and fails from one on.
  private final class Ledger: BatchAllocator {
    let numTaken = Atomic(0)
    let numOut = Atomic(0)
    let numBytes = Atomic(0)
    let mostOut = Atomic(0)
    let numLimit: Int
    private let inner = RecyclingAllocator()

    init(numLimit: Int = .max) { self.numLimit = numLimit }

    func allocate(byteCount: Int) throws -> BatchMemory {
      if numTaken.wrappingAdd(1, ordering: .relaxed).newValue > numLimit {
        throw DataLoaderError.outOfMemory(byteCount: byteCount)
      }
      numBytes.wrappingAdd(byteCount, ordering: .relaxed)
      let out = numOut.wrappingAdd(1, ordering: .relaxed).newValue
      mostOut.max(out, ordering: .relaxed)
      let (pointer, deallocate) = try inner.allocate(byteCount: byteCount).take()
      return BatchMemory(pointer: pointer, byteCount: byteCount) { freed in
        self.numOut.wrappingSubtract(1, ordering: .relaxed)
        deallocate(freed)
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func endingEarlyEndsAllThreads() throws {
    let fixture = try LoaderFixture(numSamples: 60)
    for numBatches in [0, 1, 3] {
      for byCancel in [true, false] {
        let probe = Probe(inner: try fixture.folder(), microseconds: 2000)
        let ledger = Ledger()
        do {
          let loader = try fixture.loader(numWorkers: 4, prefetch: 3, source: probe, allocator: ledger)
          let epoch = try loader.makeEpoch(0)
          for _ in 0..<numBatches { #expect(try epoch.next() != nil) }
          if byCancel {
            while probe.record.numReads.load(ordering: .relaxed) == 0 { usleep(100) }
            epoch.cancel()
            epoch.cancel()
            #expect(try epoch.next() == nil)
            #expect(probe.numAlive == 0)
          }
        }
        #expect(probe.numAlive == 0)
        #expect(ledger.numOut.load(ordering: .relaxed) == 0)
        let numReads = probe.record.numReads.load(ordering: .relaxed)
        usleep(20_000)
        #expect(probe.record.numReads.load(ordering: .relaxed) == numReads)
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func theProbeSeesThreadsThatRun() throws {
    let fixture = try LoaderFixture(numSamples: 60)
    let probe = Probe(inner: try fixture.folder(), microseconds: 1000)
    let loader = try fixture.loader(numWorkers: 3, prefetch: 1, source: probe)
    let epoch = try loader.makeEpoch(0)
    #expect(try epoch.next() != nil)
    while probe.record.threads.withLock({ $0.count }) < 3 { #expect(try epoch.next() != nil) }
    #expect(probe.numAlive == 3)
    _ = try epoch.record()
    #expect(probe.numAlive == 0, "threads end with the epoch")
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 2, 5]) func memoryIsBounded(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 80)
    let ledger = Ledger()
    do {
      let epoch = try fixture.loader(numWorkers: numWorkers, prefetch: 3, allocator: ledger).makeEpoch(0)
      var numBatches = 0
      while let batch = try epoch.next() {
        numBatches += 1
        // A slow consumer: the workers run as far ahead as they may.
        if numBatches % 4 == 0 { usleep(20_000) }
        #expect(batch.count == 5)
      }
      #expect(numBatches == 16)
    }
    #expect(ledger.mostOut.load(ordering: .relaxed) <= 4)
    #expect(ledger.numOut.load(ordering: .relaxed) == 0)
    #expect(ledger.numTaken.load(ordering: .relaxed) == 16)
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 4]) func aFailingAllocatorEndsTheEpoch(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 50)
    let ledger = Ledger(numLimit: 3)
    do {
      let epoch = try fixture.loader(numWorkers: numWorkers, allocator: ledger).makeEpoch(0)
      for index in 0..<3 { #expect(try epoch.next()?.index == index) }
      for _ in 0..<2 { #expect(throws: DataLoaderError.outOfMemory(byteCount: 5 * 3 * 256 * 4)) { try epoch.next() } }
    }
    #expect(ledger.numOut.load(ordering: .relaxed) == 0)
  }

  /// No descriptors left is no fault of the sample: leaving it out would lose data in silence.
  @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 4]) func aFailingSystemIsNoBadSample(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 30)
    let order = ShuffledSampler(seed: 11).order(epoch: 0, count: 30)
    let probe = Probe(inner: try fixture.folder(), failsAt: order[12])
    let loader = try fixture.loader(numWorkers: numWorkers, source: probe)
    let epoch = try loader.makeEpoch(0)
    for index in 0..<2 { #expect(try epoch.next()?.index == index) }
    for _ in 0..<2 { #expect(throws: FileError.self) { try epoch.next() } }
    #expect(loader.badSamples.count == 0)
    #expect(throws: FileError.self) { try HeaderScan(probe, numThreads: 3) }
  }

  /// Bad samples among them, so that the good ones move together: the bytes of every batch are those from which the
  /// numbers were made, in a quarter of the memory.
  @Test(arguments: [0, 3]) func bytesAreTheNumbersBeforeNormalisation(numWorkers: Int) throws {
    let fixture = try LoaderFixture(numSamples: 22)
    for number in [3, 4, 17] { try fixture.overwrite(number, with: [1, 2, 3]) }
    let (floats, bytes) = (Ledger(), Ledger())
    let expected = try fixture.loader(numWorkers: numWorkers, allocator: floats).record(numEpochs: 2)
    let loader = try fixture.loader(
      numWorkers: numWorkers, pipeline: LoaderFixture.bytePipeline, allocator: bytes)
    var found: [RecordedBatch] = []
    for epoch in 0..<2 {
      let batches = try loader.makeEpoch(epoch)
      while let batch = try batches.next() { found.append(try RecordedBatch(normalising: batch)) }
    }
    #expect(found == expected && found.reduce(0) { $0 + $1.labels.count } == 2 * 19)
    #expect(bytes.numBytes.load(ordering: .relaxed) * 4 == floats.numBytes.load(ordering: .relaxed))
    // Planted fault: other randomness.
    #expect(try fixture.loader(numWorkers: 0, { $0.seed = 12 }).record(numEpochs: 2) != expected)
  }

  @Test func memoryChangesHands() throws {
    let fixture = try LoaderFixture(numSamples: 5)
    let ledger = Ledger()
    let loader = try fixture.loader(numWorkers: 0, allocator: ledger)
    let batch = try #require(try loader.makeEpoch(0).next())
    let pixels = batch.withImages { Array($0) }
    #expect(batch.imageShape == [5, 3, 16, 16])
    #expect(batch.paths == batch.sampleIndices.map { loader.source.name(at: $0) })
    let (pointer, deallocate) = batch.takeImageMemory().take()
    #expect(Int(bitPattern: pointer) % 64 == 0)
    #expect(ledger.numOut.load(ordering: .relaxed) == 1)
    let floats = UnsafeBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: pixels.count)
    #expect(Array(floats) == pixels)
    deallocate(pointer)
    #expect(ledger.numOut.load(ordering: .relaxed) == 0)
    do { _ = try #require(try loader.makeEpoch(0).next()).takeImageMemory() }
    #expect(ledger.numOut.load(ordering: .relaxed) == 0)
  }

  @Test func bytesAreAskedForAsBytes() async throws {
    await #expect(processExitsWith: .failure) {
      let batch = try LoaderFixture(numSamples: 5).loader(numWorkers: 0, pipeline: LoaderFixture.bytePipeline)
        .makeEpoch(0).next()!
      batch.withImages { _ in }
      exit(EXIT_SUCCESS)
    }
  }

  @Test func takingTwiceTraps() async {
    await #expect(processExitsWith: .failure) {
      let epoch = try LoaderFixture(numSamples: 5).loader(numWorkers: 0).makeEpoch(0)
      let batch = try epoch.next()!
      _ = batch.takeImageMemory()
      _ = batch.takeImageMemory()
      exit(EXIT_SUCCESS)
    }
  }
}
