import Augment
import DataTestSupport
import Foundation
import KeyedRandom
import Synchronization
import TFRecord
import Testing

@testable import Dataset

struct ShardResumeTests {
  /// Packs, and takes the work away after some images.
  private func interrupt(_ fixture: ShardFixture, afterShards numShards: Int) throws {
    try fixture.pack()
    let out = fixture.out
    let done = try ShardManifest(reading: out.appending("manifest.json"))
    // What an interrupted process leaves: a journal, finished shards, a hidden piece, and no manifest.
    let journal = try ShardJournal.makeForTest(out, plan: done.plan, times: times(fixture))
    for (place, shard) in done.parts.flatMap(\.shards).enumerated() {
      let name = try #require(ShardName(BytePath(shard.file).lastComponent))
      if place < numShards {
        try journal.note(
          FinishedShard(
            bytes: shard.bytes, crc32c: try #require(UInt32(shard.crc32c, radix: 16)), records: shard.records,
            labels: try #require(shard.parsedLabels()).map { Int($0) }, numReencoded: 0, skipped: []), name)
      } else {
        FileTree.removeFile(out.appending(BytePath(shard.file)))
        FileTree.removeFile(out.appending(BytePath(shard.index)))
      }
    }
    for name in [
      "train/.train-00002-of-00003.partial-1-2", "idx_files/validation/.validation-00001-of-00002.idx.partial-3-4",
      ".manifest.json.partial-5-6",
    ] { try fixture.scratch.write("half", BytePath("out/\(name)")) }
    FileTree.removeFile(out.appending("manifest.json"))
  }

  private func times(_ fixture: ShardFixture) throws -> String {
    var hash = StableHash()
    let train = try ImageFolder(root: fixture.raw.appending("train"))
    let validation = try ImageFolder(root: fixture.raw.appending("validation"))
    for (folder, order) in [
      (train, ShuffledSampler(seed: 0).packingOrder(count: train.samples.count)),
      (validation, Array(validation.samples.indices)),
    ] {
      for sample in order {
        hash.combine(UInt64(try #require(FileTree.sizeAndTime(folder.path(at: sample))).time))
      }
    }
    return String(hash.value, radix: 16)
  }

  @Test func finishedShardsAreKept() throws {
    let fixture = try ShardFixture()
    try fixture.pack(to: "whole")
    let whole = try fixture.contents("whole")
    for numShards in [0, 2, 4] {
      try interrupt(fixture, afterShards: numShards)
      let kept = try fixture.bytes("out/.pack/plan.json")
      #expect(!kept.isEmpty)
      let before = fixture.scratch.inode("out/train/train-00000-of-00003")
      let result = try fixture.pack()
      #expect(result.numKept == numShards)
      #expect(try fixture.contents("out") == whole)
      let isSameFile = fixture.scratch.inode("out/train/train-00000-of-00003") == before
      #expect(isSameFile == (numShards > 0))
      FileTree.removeTree(fixture.out)
    }
  }

  @Test func damagedShardsAreWrittenAnew() throws {
    let fixture = try ShardFixture()
    try fixture.pack(to: "whole")
    try interrupt(fixture, afterShards: 4)
    try ShardFixture.flip(fixture.out.appending("train/train-00000-of-00003"), at: 50)
    try fixture.scratch.write([1, 2, 3], "out/train/train-00001-of-00003")
    FileTree.removeFile(fixture.out.appending("idx_files/train/train-00002-of-00003.idx"))
    try fixture.scratch.write("{}", "out/.pack/validation-00000-of-00002.json")
    let result = try fixture.pack()
    #expect(result.numKept == 0)
    #expect(try fixture.contents("out") == fixture.contents("whole"))
  }

  @Test func otherImagesOrOptionsAreRefused() throws {
    let fixture = try ShardFixture()
    try interrupt(fixture, afterShards: 2)
    #expect(throws: ShardError.otherPlan(fixture.out.description)) { try fixture.pack { $0.quality = 50 } }
    #expect(throws: ShardError.otherPlan(fixture.out.description)) { try fixture.pack("2,2") }
    // The same size at another time is another image.
    let file = BytePath("raw/train/class0/100.jpg")
    let bytes = try fixture.bytes(file.description)
    try fixture.scratch.write(bytes.dropLast(1) + [bytes.last! ^ 1], file)
    #expect(throws: ShardError.otherPlan(fixture.out.description)) { try fixture.pack() }
    #expect(try fixture.contents("out").keys.contains("train/train-00000-of-00003"))
  }

  @Test func oneProcessAtATime() throws {
    let fixture = try ShardFixture()
    try interrupt(fixture, afterShards: 1)
    let plan = try #require(
      try JSONSerialization.jsonObject(
        with: Data(fixture.bytes("out/.pack/plan.json"))) as? [String: String])
    let other = try ShardJournal(fixture.out, plan: try #require(plan["plan"]), times: try #require(plan["times"]))
    #expect(throws: ShardError.inUse(fixture.out.description)) { try fixture.pack() }
    withExtendedLifetime(other) {}
  }

  @Test func bytesDependOnNothingButTheInput() throws {
    let fixture = try ShardFixture(numTrain: 60, numValidation: 10)
    for number in 0..<4 { try fixture.scratch.write("bad", BytePath("raw/train/class\(number % 3)/x\(number).png")) }
    for number in 0..<12 {
      let image = LoaderFixture.image(number, width: 30, height: 20 + number)
      try fixture.scratch.write(PNGEncoder().encode(image), BytePath("raw/train/class1/p\(number).PNG"))
    }
    func pack(_ name: BytePath, _ numThreads: Int) throws -> [String: [UInt8]] {
      try fixture.pack(to: name, "13,3") {
        $0.numThreads = numThreads
        $0.maxBadFraction = 0.5
      }
      return try fixture.contents(name.description)
    }
    let one = try pack("one", 1)
    for numThreads in [2, 5, 16] { #expect(try pack(BytePath("threads\(numThreads)"), numThreads) == one) }
  }

  /// A number that is closed twice may be another thread's by then.
  @Test func aRefusedJournalClosesItsLockOnce() throws {
    let scratch = try ScratchFolder()
    let held = try ShardJournal(scratch.path, plan: "a", times: "")
    let (isDone, numLost) = (Flag(), Flag())
    let other = try WorkerThread {
      while isDone.value.load(ordering: .relaxed) == 0 {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        sched_yield()
        if descriptor >= 0, close(descriptor) != 0 { numLost.value.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    for _ in 0..<20_000 {
      #expect(throws: ShardError.inUse(scratch.path.description)) {
        try ShardJournal(scratch.path, plan: "a", times: "")
      }
    }
    isDone.value.store(1, ordering: .relaxed)
    other.join()
    #expect(numLost.value.load(ordering: .relaxed) == 0)
    withExtendedLifetime(held) {}
  }

  private final class Flag: Sendable { let value = Atomic(0) }
}

extension ShuffledSampler {
  /// The order in which training images are packed.
  fileprivate func packingOrder(count: Int) -> [Int] {
    var random = KeyedRandom(seed: seed)
    return random.shuffled(count)
  }
}

extension ShardJournal {
  /// The journal of a folder that holds a whole set.
  fileprivate static func makeForTest(_ out: BytePath, plan: String, times: String) throws -> ShardJournal {
    try FileTree.makeFolders(out.appending(".pack"))
    return try ShardJournal(out, plan: plan, times: times)
  }
}
