import Augment
import DataTestSupport
import Foundation
import TFRecord
import Testing

@testable import Dataset

struct ShardedDatasetTests {
  @Test func whatTensorFlowWroteIsRead() throws {
    let set = try ShardSet(BytePath(ShardFixture.folder.appending(path: "imagenet").path))
    let (train, validation) = (try #require(set.train), try #require(set.validation))
    #expect(train.classes == ["daisy", "roses", "tulips"])
    #expect((train.count, validation.count) == (7, 3))
    #expect((0..<7).map { train.label(at: $0) } == [0, 1, 2, 0, 1, 2, 0])
    #expect((0..<3).map { validation.label(at: $0) } == [1, 2, 0])
    #expect(set.notes.count == 1 && set.notes[0].contains("vitrail data index"))
    for index in 0..<7 {
      let image = try ImageDecoder().decode(train.read(at: index, limit: 1 << 20))
      #expect((image.width, image.height) == (24 + index % 4, 20 + index % 3))
    }
    let offset = 0
    #expect(train.name(at: 0) == "train/train-00000-of-00002 at byte \(offset) (daisy_0.JPEG)")
    #expect(train.name(at: 4).hasPrefix("train/train-00001-of-00002 at byte 0 (roses_4"))
  }

  @Test func labelsFromZeroAreFoundAndTold() throws {
    let set = try ShardSet(BytePath(ShardFixture.folder.appending(path: "zero_based").path))
    let train = try #require(set.train)
    #expect(set.validation == nil)
    #expect(train.classes == ["0", "1"])
    #expect((0..<4).map { train.label(at: $0) } == [0, 1, 0, 1])
    #expect(set.notes.contains { $0.contains("count from 0") })
    // One-based labels are not announced.
    let other = try ShardSet(BytePath(ShardFixture.folder.appending(path: "imagenet").path))
    #expect(!other.notes.contains { $0.contains("count from 0") })
  }

  @Test func allWaysToTheRecordsAgree() throws {
    let fixture = try ShardFixture()
    try fixture.pack { $0.isMinimal = false }
    func open() throws -> ([UInt64], [[UInt8]], [Int], [String], [String]) {
      let set = try ShardSet(fixture.out)
      let train = try #require(set.train)
      return (
        [train.fingerprint, try #require(set.validation).fingerprint],
        try (0..<train.count).map { try train.read(at: $0, limit: 1 << 20) },
        (0..<train.count).map { train.label(at: $0) }, train.classes, set.notes
      )
    }
    let whole = try open()
    #expect(whole.4 == [])
    // Without the manifest, without the index, with an index that lies in every way, and with another set's manifest.
    let manifest = try fixture.bytes("out/manifest.json")
    FileTree.removeFile(fixture.out.appending("manifest.json"))
    let walked = try open()
    let name = "out/idx_files/train/train-00001-of-00003.idx"
    let index = String(decoding: try fixture.bytes(name), as: UTF8.self)
    FileTree.removeFile(fixture.scratch.path.appending(BytePath(name)))
    let scanned = try open()
    var lines = index.split(separator: "\n").map { $0.split(separator: " ").map { Int($0)! } }
    (lines[1][1], lines[2][0], lines[2][1]) = (lines[1][1] + 8, lines[2][0] + 8, lines[2][1] - 8)
    let lie = lines.map { "\($0[0]) \($0[1])\n" }.joined()
    try fixture.scratch.write(lie, BytePath(name))
    let lied = try open()
    for other in [walked, scanned, lied] {
      #expect(other.0 == whole.0 && other.1 == whole.1 && other.2 == whole.2 && other.3 == whole.3)
    }
    #expect(walked.4 == [] && scanned.4.count == 1 && lied.4.count == 1)
    let damaged = String(decoding: manifest, as: UTF8.self).replacingOccurrences(
      of: "\"records\" : 7", with: "\"records\" : 8")
    try fixture.scratch.write(damaged, "out/manifest.json")
    let mismatched = try open()
    #expect(mismatched.2 == whole.2 && mismatched.3 == whole.3)
    #expect(mismatched.4.contains { $0.contains("not those of the manifest") })
    for text in ["", "{", "[]", "{\"format\": 1}", String(repeating: "[", count: 100_000)] {
      try fixture.scratch.write(text, "out/manifest.json")
      let other = try open()
      #expect(other.2 == whole.2 && other.4.contains { $0.contains("manifest.json") })
    }
  }

  @Test func fingerprintsTellSetsApart() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    try fixture.pack(to: "same")
    try fixture.pack(to: "seed") { $0.seed = 1 }
    try fixture.pack(to: "count", "4,2")
    func fingerprint(_ name: String) throws -> UInt64 {
      try #require(try ShardSet(fixture.scratch.path.appending(BytePath(name))).train).fingerprint
    }
    let first = try fingerprint("out")
    #expect(try fingerprint("same") == first)
    #expect(try Set([first, fingerprint("seed"), fingerprint("count")]).count == 3)
  }

  @Test(arguments: RecordVerification.allCases) func checksumsAreCheckedAsAsked(verify: RecordVerification) throws {
    let scratch = try ShardFixture.imagenet()
    let root = scratch.path.appending("set")
    let dataset = try #require(try ShardSet(root, verify: verify).train)
    let sound = try dataset.read(at: 1, limit: 1 << 20)
    // A byte of the last record's image, changed in place so that size and frames stay as they are.
    let file = root.appending("train-00000-of-00002")
    let index = try RecordFile(path: file.description).scan()
    let facts = try RecordFile(path: file.description).facts(in: index[1])
    let place = try #require(facts.image).upperBound - 20
    var bytes = try FileReader.read(file)
    bytes[place] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: file.description))
    let fresh = try #require(try ShardSet(root, verify: verify).train)
    for (set, isFirst) in [(dataset, false), (fresh, true)] {
      let isRefused = verify == .always || (verify == .first && isFirst)
      let read = Result { try set.read(at: 1, limit: 1 << 20) }
      switch read {
      case .success(let image): #expect(!isRefused && image.count == sound.count)
      case .failure(let error):
        #expect(isRefused)
        #expect(
          error as? RecordError
            == RecordError(path: file.description, offset: index[1].lowerBound, reason: .corruptPayload))
      }
    }
  }

  @Test func incompleteSetsAreRefused() throws {
    let scratch = try ShardFixture.imagenet()
    let root = scratch.path.appending("set")
    #expect(try ShardSet.isThere(root))
    #expect(try !ShardSet.isThere(scratch.path))
    #expect(throws: ShardError.noShards(scratch.path.description)) { try ShardSet(scratch.path) }
    FileTree.removeFile(root.appending("train-00000-of-00002"))
    #expect(
      throws: ShardError.missing(
        root.description, numFound: 1, total: 2, example: "train-00000-of-00002")
    ) { try ShardSet(root) }
    try scratch.write("", "set/train-00000-of-00003")
    #expect(throws: ShardError.mixed(root.description, totals: [2, 3])) { try ShardSet(root) }
    let empty = try ScratchFolder()
    try empty.write("", "train/train-00000-of-00001")
    #expect(throws: ShardError.empty(empty.path.appending("train").description)) { try ShardSet(empty.path) }
    // A shard cut short cannot be gone through, and says where.
    let cut = try ShardFixture.imagenet()
    let bytes = try FileReader.read(cut.path.appending("set/train-00001-of-00002"))
    try cut.write(bytes.dropLast(5), "set/train-00001-of-00002")
    let error = #expect(throws: RecordError.self) { try ShardSet(cut.path.appending("set")) }
    #expect(error?.reason == .truncated && error?.offset ?? 0 > 0)
  }

  @Test func emptyShardsBetweenOthersDoNoHarm() throws {
    let scratch = try ShardFixture.imagenet()
    let set = scratch.path.appending("set")
    let whole = try #require(try ShardSet(set).train)
    let names = ["train-00000-of-00002", "train-00001-of-00002"]
    for (place, name) in names.enumerated() {
      try scratch.write(
        FileReader.read(set.appending(BytePath(name))), BytePath("gaps/train-0000\(place * 2 + 1)-of-00005"))
    }
    for number in [0, 2, 4] { try scratch.write([], BytePath("gaps/train-0000\(number)-of-00005")) }
    let gaps = try #require(try ShardSet(scratch.path.appending("gaps")).train)
    #expect(gaps.count == whole.count)
    for index in 0..<gaps.count {
      #expect(try gaps.read(at: index, limit: 1 << 20) == whole.read(at: index, limit: 1 << 20))
      #expect(gaps.label(at: index) == whole.label(at: index))
    }
  }

  @Test func classesOfAModel() throws {
    let root = BytePath(ShardFixture.folder.appending(path: "imagenet").path)
    let known = ["tulips", "poppies", "daisy", "roses"]
    let train = try #require(try ShardSet(root, classes: known).train)
    #expect(train.classes == known)
    #expect((0..<3).map { train.label(at: $0) } == [2, 3, 0])
    #expect(throws: ShardError.unknownClasses(["tulips"], known: ["daisy", "roses"], root: root.description)) {
      try ShardSet(root, classes: ["daisy", "roses"])
    }
    // Classes that are numbers alone go by their place.
    let bare = BytePath(ShardFixture.folder.appending(path: "zero_based").path)
    #expect(try ShardSet(bare, classes: ["a", "b"]).train?.classes == ["a", "b"])
    #expect(throws: ShardError.tooManyClasses(2, known: 1, root: bare.description)) {
      try ShardSet(bare, classes: ["a"])
    }
  }

  @Test func indexFilesAreWrittenForAnyLayout() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    let whole = try fixture.contents("out")
    FileTree.removeTree(fixture.out.appending("idx_files"))
    let result = try ShardIndexing.write(fixture.out, numThreads: 2)
    #expect((result.numWritten, result.numKept, result.numRecords) == (5, 0, 27))
    #expect(try fixture.contents("out") == whole)
    #expect(try ShardIndexing.write(fixture.out, numThreads: 1).numKept == 5)
    let flat = try ShardFixture.imagenet()
    let root = flat.path.appending("set")
    #expect(try ShardIndexing.write(root, numThreads: 2).numRecords == 10)
    #expect(
      try flat.files("set/idx_files").map { BytePath($0).lastComponent.description } == [
        "train-00000-of-00002.idx", "train-00001-of-00002.idx", "validation-00000-of-00001.idx",
      ])
    #expect(try ShardSet(root).notes == [])
    try flat.write([1, 2, 3], "set/broken.tfrecord")
    #expect(throws: RecordError.self) { try ShardIndexing.write(root, numThreads: 2) }
    #expect(throws: ShardError.noShards(fixture.raw.description)) {
      try ShardIndexing.write(fixture.raw, numThreads: 1)
    }
  }
}
