import Augment
import DataTestSupport
import Foundation
import TFRecord
import Testing

@testable import Dataset

struct ShardPackingTests {
  @Test func imageNetLayoutByteForByte() throws {
    let fixture = try ShardFixture()
    let result = try fixture.pack()
    #expect(
      try fixture.contents("out").keys.sorted() == [
        "idx_files/train/train-00000-of-00003.idx", "idx_files/train/train-00001-of-00003.idx",
        "idx_files/train/train-00002-of-00003.idx", "idx_files/validation/validation-00000-of-00002.idx",
        "idx_files/validation/validation-00001-of-00002.idx", "manifest.json", "train/train-00000-of-00003",
        "train/train-00001-of-00003", "train/train-00002-of-00003", "validation/validation-00000-of-00002",
        "validation/validation-00001-of-00002",
      ])
    #expect(result.manifest.parts.map(\.samples) == [20, 7])
    #expect(result.manifest.parts[0].shards.map(\.records) == [7, 7, 6])
    #expect(result.manifest.parts[1].shards.map(\.records) == [4, 3])
    let set = try ShardSet(fixture.out)
    #expect(set.notes == [])
    for (dataset, part) in [(set.train, "train"), (set.validation, "validation")] {
      let folder = try ImageFolder(root: fixture.raw.appending(BytePath(part)))
      let images = try #require(dataset).imagesByName()
      #expect(images.count == folder.samples.count)
      for index in folder.samples.indices {
        #expect(try images[folder.name(at: index)] == folder.read(at: index, limit: 1 << 20))
      }
    }
  }

  @Test func featuresAreThoseOfTheImageNetScripts() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    let validation = try #require(try ShardSet(fixture.out).validation)
    let example = try Example(validation.payload(at: 3))
    let image = try fixture.bytes("raw/validation/class1/101.jpg")
    #expect(
      example.features == [
        "image/encoded": .bytes([image]), "image/class/label": .integer(2), "image/class/text": .text("class1"),
        "image/class/synset": .text("class1"), "image/filename": .text("101.jpg"), "image/height": .integer(21),
        "image/width": .integer(25), "image/channels": .integer(3), "image/colorspace": .text("RGB"),
        "image/format": .text("JPEG"),
      ])
    try fixture.pack(to: "minimal") { $0.isMinimal = true }
    let minimal = try #require(try ShardSet(fixture.scratch.path.appending("minimal")).validation)
    #expect(
      try Example(minimal.payload(at: 3)).features == [
        "image/encoded": .bytes([image]), "image/class/label": .integer(2),
      ])
    #expect(minimal.classes == ["class0", "class1", "class2"])
  }

  @Test func trainingIsShuffledBySeedAndValidationSorted() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    try fixture.pack(to: "same") { $0.numThreads = 1 }
    try fixture.pack(to: "many") { $0.numThreads = 7 }
    try fixture.pack(to: "other") { $0.seed = 1 }
    let contents = try fixture.contents("out")
    #expect(try fixture.contents("same") == contents)
    #expect(try fixture.contents("many") == contents)
    func names(_ folder: BytePath, _ part: String) throws -> [String] {
      let set = try ShardSet(fixture.scratch.path.appending(folder))
      let dataset = try #require(part == "train" ? set.train : set.validation)
      return try (0..<dataset.count).map { index in
        let facts = try Example(dataset.payload(at: index)).features
        guard case .bytes(let name)? = facts[ImageExample.filenameName] else { return "" }
        return "\(dataset.label(at: index)) \(String(decoding: name[0], as: UTF8.self))"
      }
    }
    let train = try names("out", "train")
    #expect(train != train.sorted())
    #expect(try names("other", "train") != train)
    #expect(try names("other", "train").sorted() == train.sorted())
    let validation = try names("out", "validation")
    #expect(validation == validation.sorted())
    #expect(try names("other", "validation") == validation)
  }

  @Test func whatReadersOfImageNetCannotTakeIsEncodedAnew() throws {
    let scratch = try ScratchFolder()
    let files = [
      "jpeg-rgb.jpg", "jpeg-grey.jpg", "jpeg-cmyk.jpg", "jpeg-ycck.jpg", "jpeg-progressive.jpg", "png-rgb-8.png",
      "jpeg-orientation-1.jpg", "jpeg-orientation-6.jpg",
    ].filter { FileManager.default.fileExists(atPath: CodecFixtures.folder.appending(path: $0).path) }
    let webp = try #require(
      try FileManager.default.contentsOfDirectory(atPath: CodecFixtures.folder.path).first {
        $0.hasSuffix("lossy.webp")
      })
    let names = files + [webp]
    for name in names {
      // The name's ending says nothing; its case does not matter.
      try scratch.write(CodecFixtures.bytes(of: name), BytePath("raw/c/\(name.split(separator: ".")[0]).JPeG"))
    }
    let anew = Set(names.filter { $0.contains("cmyk") || $0.contains("ycck") || !$0.hasSuffix(".jpg") })
    for orientation in ShardOptions.Orientation.allCases {
      var options = ShardOptions()
      options.orientation = orientation
      let out = scratch.path.appending(BytePath("out-\(orientation)"))
      let result = try ShardPacking.pack(scratch.path.appending("raw"), to: out, options: options)
      let images = try #require(try ShardSet(out).train).imagesByName()
      let expected = orientation == .apply ? anew.union(["jpeg-orientation-6.jpg"]) : anew
      #expect(result.manifest.parts[0].reencoded == expected.count)
      for name in names {
        let original = CodecFixtures.bytes(of: name)
        let packed = try #require(images["c/\(name.split(separator: ".")[0]).JPeG"])
        #expect((packed != original) == expected.contains(name), "\(name)")
        let header = try packed.withUnsafeBytes { try ImageDecoder().header(of: $0) }
        #expect(header.format == .jpeg)
        #expect(packed.withUnsafeBytes { JPEGComponents.count(in: $0) } != 4)
        // As it is shown, the image is the same but for the loss of quality 100.
        let (before, after) = (try ImageDecoder().decode(original), try ImageDecoder().decode(packed))
        #expect(try #require(CodecFixtures.largestDifference(before, after)) <= 4, "\(name)")
      }
    }
  }

  @Test func aFolderOfClassesIsForTrainingOrSplit() throws {
    let fixture = try ShardFixture()
    let raw = fixture.raw.appending("train")
    let whole = try ShardPacking.pack(raw, to: fixture.out)
    #expect(whole.manifest.parts.map(\.name) == ["train"])
    #expect(whole.notes.contains { $0.contains("--split") })
    var options = ShardOptions()
    options.split = SplitRatio(train: 4, validation: 1)
    options.seed = 5
    let out = fixture.scratch.path.appending("split")
    let split = try ShardPacking.pack(raw, to: out, options: options)
    let expected = try ImageFolder(root: raw).split(ratio: SplitRatio(train: 4, validation: 1), seed: 5)
    let set = try ShardSet(out)
    let names = (0..<expected.validation.samples.count).map { expected.validation.name(at: $0) }
    #expect(try set.validation?.imagesByName().keys.sorted() == names)
    #expect(split.manifest.parts.map(\.samples) == [expected.train.samples.count, names.count])
    #expect(throws: ShardError.isSplitAlready(fixture.raw.description)) {
      try fixture.pack(to: "refused") { $0.split = SplitRatio(train: 1, validation: 1) }
    }
  }

  @Test func noShardIsEverEmpty() throws {
    let fixture = try ShardFixture()
    let result = try fixture.pack("1024,128")
    #expect(result.manifest.parts.map(\.shards.count) == [20, 7])
    #expect(result.notes.count { $0.contains("no shard stays empty") } == 2)
    #expect(ShardCount.automatic.count(of: .train, numRecords: 1_281_167, numBytes: 144_000_000_000) == 960)
    #expect(ShardCount.automatic.count(of: .train, numRecords: 3, numBytes: 10) == 1)
    #expect(try ShardCount(parsing: "8") == .fixed(train: 8, validation: 8))
    #expect(try ShardCount(parsing: "8,2,3") == .fixed(train: 8, validation: 2, test: 3))
    for text in ["", "0", "1,2,3,4", "-1,2", "a", "1,", "100001,1"] {
      #expect(throws: ShardError.badCount(text)) { try ShardCount(parsing: text) }
    }
  }

  @Test func badImagesAreListedOrStopTheWork() throws {
    let fixture = try ShardFixture()
    try fixture.scratch.write("no image", "raw/train/class1/bad.jpg")
    try fixture.scratch.write([], "raw/validation/class0/empty.png")
    let result = try fixture.pack { $0.maxBadFraction = 0.1 }
    #expect(result.manifest.skipped.map(\.set) == ["train", "validation"])
    #expect(result.manifest.skipped.map(\.path) == ["class1/bad.jpg", "class0/empty.png"])
    #expect(result.manifest.parts.map(\.samples) == [20, 7])
    #expect(result.manifest.parts[0].shards.map(\.records).reduce(0, +) == 20)
    for numThreads in [1, 3] {
      let stopped = #expect(throws: ShardError.self) {
        try fixture.pack(to: BytePath("stopped\(numThreads)")) {
          $0.onError = .stop
          $0.numThreads = numThreads
        }
      }
      guard case .badImage(let sample)? = stopped else { return }
      #expect(sample.path == "class1/bad.jpg")
      let share = #expect(throws: ShardError.self) {
        try fixture.pack(to: BytePath("share\(numThreads)")) { $0.numThreads = numThreads }
      }
      guard case .tooManyBadImages(let numBad, 29, 0.01, _)? = share else { return }
      #expect(numBad == 1)
    }
    let alone = try ScratchFolder()
    try alone.write("no image", "raw/c/bad.jpg")
    var options = ShardOptions()
    options.maxBadFraction = 1
    #expect(throws: ShardError.emptyShard("train-00000-of-00001")) {
      try ShardPacking.pack(alone.path.appending("raw"), to: alone.path.appending("out"), options: options)
    }
    #expect(try alone.files("out").isEmpty)
  }

  @Test func manifestTellsWhatIsThere() throws {
    let fixture = try ShardFixture()
    let written = try fixture.pack().manifest
    let read = try ShardManifest(reading: fixture.out.appending("manifest.json"))
    #expect(read == written)
    #expect(read.classes == ["class0", "class1", "class2"])
    #expect(read.parts.map(\.classCounts) == [[7, 7, 6], [3, 2, 2]])
    for shard in read.parts.flatMap(\.shards) {
      let bytes = try FileReader.read(fixture.out.appending(BytePath(shard.file)))
      #expect(bytes.count == shard.bytes)
      #expect(bytes.withUnsafeBytes { MaskedCRC32C.crc($0) } == UInt32(shard.crc32c, radix: 16))
      let index = try #require(
        RecordIndex(try FileReader.read(fixture.out.appending(BytePath(shard.index))), fileSize: shard.bytes))
      #expect(index.count == shard.records)
      #expect(shard.parsedLabels()?.count == shard.records)
    }
    #expect(read.parts[0].bytes == read.parts[0].shards.map(\.bytes).reduce(0, +))
  }

  @Test func whatStandsThereIsLeftAlone() throws {
    let fixture = try ShardFixture()
    try fixture.scratch.write("mine", "full/file")
    #expect(throws: ShardError.outputNotEmpty(fixture.scratch.path.appending("full").description)) {
      try fixture.pack(to: "full")
    }
    #expect(try fixture.scratch.files("full") == ["full/file"])
    #expect(throws: ShardError.outputNotEmpty(fixture.scratch.path.appending("full/file").description)) {
      try fixture.pack(to: "full/file")
    }
    for inside in ["raw/out", "raw/train/class3", "raw", "."] {
      let error = #expect(throws: ShardError.self) { try fixture.pack(to: BytePath(inside)) }
      guard case .outputOverlapsInput? = error else {
        Issue.record("\(inside): \(String(describing: error))")
        continue
      }
    }
    #expect(FileTree.folderIdentity(fixture.raw.appending("out")) == nil)
    // Done is done; other options are refused.
    let first = try fixture.pack()
    let again = try fixture.pack()
    #expect(again.manifest == first.manifest)
    #expect(again.numKept == 5)
    #expect(throws: ShardError.self) { try fixture.pack { $0.quality = 99 } }
    #expect(throws: ShardError.self) { try fixture.pack { $0.seed = 99 } }
  }

  @Test func aTestSplitStaysATestSplit() throws {
    let fixture = try ShardFixture()
    for name in ["class0", "class1"] {
      let image = LoaderFixture.image(name.utf8.count, width: 30, height: 20)
      try fixture.scratch.write(JPEGEncoder().encode(image), BytePath("raw/Test/\(name)/900.jpg"))
    }
    let packed = try fixture.pack()
    #expect(packed.manifest.parts.map(\.name) == ["train", "validation", "test"])
    #expect(packed.manifest.parts.map(\.samples) == [20, 7, 2])
    #expect(packed.manifest.parts[2].shards.map(\.file) == ["test/test-00000-of-00002", "test/test-00001-of-00002"])
    let set = try ShardSet(fixture.out)
    #expect(set.splits == [.train, .validation, .test])
    #expect(try set.test?.imagesByName().keys.sorted() == ["class0/900.jpg", "class1/900.jpg"])
    #expect(SplitName.allCases.map { set[$0]?.count } == [20, 7, 2])
    // Without a validation split, --split divides the training images alone.
    FileTree.removeTree(fixture.raw.appending("validation"))
    let divided = try fixture.pack(to: "divided", "1,1,1") { $0.split = SplitRatio(train: 4, validation: 1) }
    #expect(divided.manifest.parts.map(\.samples) == [14, 6, 2])
    let out = fixture.scratch.path.appending("subset")
    let subset = try ShardSubset.write(fixture.out, to: out, classes: .names(["class1"]), options: fixture.options("1"))
    #expect(subset.manifest.parts.map(\.name) == ["train", "validation", "test"])
    #expect(subset.manifest.parts[2].samples == 1)
    FileTree.removeTree(fixture.out.appending("idx_files"))
    #expect(try ShardIndexing.write(fixture.out, numThreads: 2).numWritten == 7)
    #expect(try ShardSet(fixture.out).notes == [])
  }

  @Test func foldersThatAreNotText() throws {
    let fixture = try ShardFixture()
    let latin = BytePath(bytes: [0x63, 0xE9, 0x0A])
    try FileTree.rename(fixture.raw, to: fixture.scratch.path.appending(latin))
    let out = fixture.scratch.path.appending(BytePath(bytes: [0xFF])).appending("out")
    let raw = fixture.scratch.path.appending(latin)
    let packed = try ShardPacking.pack(raw, to: out, options: fixture.options())
    let set = try ShardSet(out, verify: .always)
    #expect(set.notes == [] && set.train?.count == 20)
    #expect(try set.validation?.imagesByName().count == 7)
    #expect(try ShardPacking.pack(raw, to: out, options: fixture.options()).numKept == 5)
    FileTree.removeTree(out.appending("idx_files"))
    #expect(try ShardIndexing.write(out, numThreads: 2).numRecords == 27)
    let part = fixture.scratch.path.appending(BytePath(bytes: [0xFE]))
    #expect(try ShardSubset.write(out, to: part, classes: .count(1)).manifest.classes.count == 1)
    #expect(try DatasetScan(folder: out).numSamples == packed.manifest.parts.reduce(0) { $0 + $1.samples })
    // Damage is told by a name that is text, on one line.
    try fixture.scratch.write([1], BytePath(bytes: [0xFD]).appending("train-00000-of-00001"))
    let error = #expect(throws: RecordError.self) {
      try ShardSet(fixture.scratch.path.appending(BytePath(bytes: [0xFD])))
    }
    #expect(try #require(error).path.hasSuffix("/\\xfd/train-00000-of-00001"))
  }

  /// What `train` refuses, `data index` refuses; one empty shard among others is taken by both.
  @Test func emptyShards() throws {
    let scratch = try ScratchFolder()
    try scratch.write([], "all/train-00000-of-00001")
    let all = scratch.path.appending("all")
    #expect(throws: ShardError.empty(all.description)) { try ShardSet(all) }
    #expect(throws: ShardError.empty(all.description)) { try ShardIndexing.write(all, numThreads: 2) }
    let fixture = try ShardFixture()
    try fixture.pack(to: "out", "1,1")
    let shard = try fixture.bytes("out/train/train-00000-of-00001")
    try scratch.write(shard, "some/train-00000-of-00002")
    try scratch.write([], "some/train-00001-of-00002")
    let some = scratch.path.appending("some")
    #expect(try ShardSet(some).train?.count == 20)
    #expect(try ShardIndexing.write(some, numThreads: 2).numRecords == 20)
    #expect(try ShardSet(some).notes == [])
    // A split that holds nothing is refused by both, whatever the others hold.
    try scratch.write([], "some/validation/validation-00000-of-00001")
    #expect(throws: ShardError.empty(some.appending("validation").description)) { try ShardSet(some) }
    #expect(throws: ShardError.empty(some.appending("validation").description)) {
      try ShardIndexing.write(some, numThreads: 2)
    }
  }
}
