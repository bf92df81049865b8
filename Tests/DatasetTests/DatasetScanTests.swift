import Augment
import DataTestSupport
import Foundation
import Settings
import Synchronization
import Testing

@testable import Dataset

#if canImport(Glibc)
  import Glibc
#endif

struct DatasetScanTests {
  /// A clean set: two classes on two sides, no image twice.
  static func write(_ scratch: ScratchFolder, numTrain: Int = 6, numValidation: Int = 4) throws {
    for number in 0..<numTrain + numValidation {
      let side = number < numTrain ? "train" : "validation"
      let bytes = try JPEGEncoder().encode(LoaderFixture.image(number, width: 40 + number, height: 36))
      try scratch.write(bytes, BytePath("\(side)/\(number % 2 == 0 ? "rose" : "tulip")/\(number).jpg"))
    }
  }

  private static func scan(
    _ scratch: ScratchFolder, numThreads: Int = 2, _ change: (inout DatasetScan.Options) -> Void = { _ in }
  ) throws -> DatasetScan {
    var options = DatasetScan.Options()
    options.numThreads = numThreads
    change(&options)
    return try DatasetScan(folder: scratch.path, options: options)
  }

  /// The files, or else the subject, of each thing found of a kind.
  static func found(_ kind: ScanFinding.Kind, in scan: DatasetScan) -> [[String]] {
    (scan.findings.first { $0.kind == kind }?.items ?? []).map {
      $0.samples.isEmpty ? [$0.subject] : $0.samples.map(\.path)
    }
  }

  @Test func aCleanSetHasNoFindings() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    let numDone = Mutex(0)
    var numAnnounced = 0
    let scan = try DatasetScan(
      folder: scratch.path, willStart: { numAnnounced = $0 }, progress: { numDone.withLock { $0 += 1 } })
    #expect(scan.findings.isEmpty)
    #expect(!scan.hasFaults)
    #expect(scan.numSamples == 10 && numAnnounced == 10 && numDone.withLock { $0 } == 10)
    #expect(scan.balance.parts == ["train", "validation"])
    #expect(scan.balance.classes == ["rose", "tulip"])
    #expect(scan.balance.counts == [[3, 3], [2, 2]])
    #expect(scan.balance.ratio == 1)
    #expect((scan.sizes.width.minimum, scan.sizes.width.median, scan.sizes.width.maximum) == (40, 44, 49))
    #expect(scan.sizes.shortSide.bins.filter { $0.count > 0 } == [.init(from: 32, count: 10)])
  }

  /// Each fault that can lie in a file, planted once in a clean set: it is found, and nothing else is.
  @Test(arguments: [
    ("cut.jpg", ScanFinding.Kind.truncated), ("text.png", .notAnImage), ("empty.webp", .notAnImage),
    ("broken.png", .damaged), ("moving.webp", .unsupported), ("huge.jpg", .tooLarge), ("gone.jpg", .unreadable),
    ("pipe.jpg", .unreadable), ("folder-link.jpg", .otherFile), ("inks.jpg", .cmyk), ("other.jpg", .wrongExtension),
    ("small.png", .tiny), ("turned.jpg", .rotated), ("grey.png", .greyscale), ("notes.txt", .otherFile),
  ])
  func aPlantedFileIsFound(_ name: String, _ kind: ScanFinding.Kind) throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    let path = BytePath("train/rose/\(name)")
    let image = LoaderFixture.image(77, width: 60, height: 50)
    switch name {
    case "cut.jpg": try scratch.write(Array(try JPEGEncoder().encode(image).prefix(900)), path)
    case "text.png", "notes.txt": try scratch.write("no image", path)
    case "empty.webp": try scratch.write("", path)
    case "broken.png":
      var bytes = try PNGEncoder().encode(image)
      for place in bytes.count / 2..<bytes.count / 2 + 40 { bytes[place] ^= 0x5A }
      try scratch.write(bytes, path)
    case "moving.webp": try scratch.write(CodecFixtures.bytes(of: "animation.webp"), path)
    case "huge.jpg": try scratch.write(JPEGEncoder().encode(ImageBuffer(width: 201, height: 200)), path)
    case "gone.jpg": try scratch.link(path, to: "/nowhere/at/all")
    case "pipe.jpg": _ = scratch.path.appending(path).withCString { mkfifo($0, 0o600) }
    case "folder-link.jpg":
      // A link back to its own class: a folder that is not entered again, and no file of any kind.
      try scratch.link(path, to: scratch.path.appending("train/rose"))
      try scratch.write("no image", "train/rose/Makefile")
    case "inks.jpg": try scratch.write(CodecFixtures.bytes(of: "crop-cmyk.jpg"), path)
    case "other.jpg": try scratch.write(PNGEncoder().encode(image), path)
    case "small.png": try scratch.write(PNGEncoder().encode(LoaderFixture.image(77, width: 31, height: 90)), path)
    case "turned.jpg":
      let bytes = try JPEGEncoder().encode(image)
      let exif: [UInt8] = [
        0xFF, 0xE1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0,
        1, 0, 6, 0, 0, 0, 0, 0, 0,
      ]
      try scratch.write(Array(bytes.prefix(2)) + exif + Array(bytes.dropFirst(2)), path)
    default:
      try scratch.write(PNGEncoder().encode(grey: (0..<3000).map { UInt8($0 % 251) }, width: 60, height: 50), path)
    }
    let scan = try Self.scan(scratch) { $0.maxPixels = 40_000 }
    let subject = name == "folder-link.jpg" ? "train/rose/Makefile" : "train/rose/\(name)"
    #expect(scan.findings.map(\.kind) == [kind])
    #expect(Self.found(kind, in: scan) == [[subject]])
    #expect(scan.hasFaults == kind.isFault)
    let isCounted = ![.otherFile].contains(kind) && !kind.isFault
    #expect(scan.balance.counts[0][0] == (isCounted ? 4 : 3))
    let detail = try #require(scan.findings.first?.items.first?.detail)
    #expect(!kind.isFault || !detail.isEmpty)
  }

  @Test func duplicatesByFileAndByPixels() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    let shared = try JPEGEncoder().encode(LoaderFixture.image(50, width: 60, height: 50))
    try scratch.write(shared, "train/rose/x.jpg")
    try scratch.write(shared, "train/tulip/y.jpg")
    let leaked = LoaderFixture.image(51, width: 60, height: 50)
    try scratch.write(PNGEncoder().encode(leaked), "train/rose/z.png")
    try scratch.write(PNGEncoder(compressionLevel: 1).encode(leaked), "validation/rose/z.png")
    let twice = try PNGEncoder().encode(LoaderFixture.image(52, width: 60, height: 50))
    try scratch.write(twice, "validation/tulip/b.png")
    try scratch.write(twice, "validation/tulip/a.png")
    // What cannot be decoded is no duplicate of anything.
    for name in ["train/rose/e.jpg", "train/tulip/e.jpg"] { try scratch.write("", BytePath(name)) }

    let scan = try Self.scan(scratch)
    #expect(scan.findings.map(\.kind) == [.notAnImage, .inTwoClasses, .inBothSplits, .duplicate])
    #expect(Self.found(.inTwoClasses, in: scan) == [["train/rose/x.jpg", "train/tulip/y.jpg"]])
    #expect(Self.found(.inBothSplits, in: scan) == [["train/rose/z.png", "validation/rose/z.png"]])
    #expect(Self.found(.duplicate, in: scan) == [["validation/tulip/a.png", "validation/tulip/b.png"]])
    #expect(
      scan.findings.dropFirst().map { $0.items[0].detail } == ["the same file", "the same pixels", "the same file"])
  }

  @Test func allSidesAreCompared() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    let image = try PNGEncoder().encode(LoaderFixture.image(50, width: 60, height: 50))
    for name in ["validation/rose/x.png", "test/rose/x.png"] { try scratch.write(image, BytePath(name)) }
    let scan = try Self.scan(scratch)
    #expect(scan.balance.parts == ["train", "validation", "test"])
    #expect(Self.found(.inBothSplits, in: scan) == [["validation/rose/x.png", "test/rose/x.png"]])
    #expect(Self.found(.classInOneSplit, in: scan) == [["tulip"]])
    // Neither is a training copy.
    #expect(try scan.quarantine(.unusableAndDuplicates).outcome.moved.isEmpty)
  }

  @Test func classesAndTheirNumbers() throws {
    let scratch = try ScratchFolder()
    for (name, count) in [("0", 40), ("1", 3), ("4", 5), ("9", 4)] {
      for number in 0..<count {
        let image = LoaderFixture.image(number + (Int(name) ?? 0) * 100, width: 33, height: 33)
        try scratch.write(PNGEncoder().encode(image), BytePath("train/\(name)/\(number).png"))
      }
    }
    try scratch.write(PNGEncoder().encode(LoaderFixture.image(999, width: 33, height: 33)), "val/0/x.png")
    try scratch.makeFolder("val/7")
    try scratch.write("x", "readme.md")
    try scratch.write("x", "train/list.csv")
    let scan = try Self.scan(scratch)
    #expect(scan.balance.parts == ["train", "val"])
    #expect(Self.found(.classWithoutImages, in: scan) == [["7"]])
    #expect(Self.found(.classInOneSplit, in: scan) == [["1"], ["4"], ["9"]])
    #expect(Self.found(.labelGap, in: scan) == [["2-3"], ["5-6"], ["8"]])
    #expect(Self.found(.unbalanced, in: scan) == [["0"]])
    #expect(Self.found(.looseFile, in: scan) == [["readme.md"], ["train/list.csv"]])
    #expect(try Self.scan(scratch) { $0.maxClassRatio = 20 }.findings.allSatisfy { $0.kind != .unbalanced })
  }

  @Test(.timeLimit(.minutes(1))) func hostileNamesAndLoops() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    try scratch.write("x", BytePath("train/rose/new\nline.jpg"))
    try scratch.write("x", BytePath(bytes: Array("train/rose/".utf8) + [0xFF, 0xE9, 0x2E, 0x6A, 0x70, 0x67]))
    try scratch.link("train/rose/loop", to: scratch.path)
    try scratch.link("train/tulip/self", to: scratch.path.appending("train/tulip/self"))
    let scan = try Self.scan(scratch)
    #expect(Self.found(.notAnImage, in: scan).contains(["train/rose/new\\x0aline.jpg"]))
    #expect(Self.found(.notAnImage, in: scan).contains(["train/rose/\\xff\\xe9.jpg"]))
    #expect(JSONSerialization.isValidJSONObject(try JSONSerialization.jsonObject(with: Data(scan.value.json.utf8))))
  }

  @Test func theReportIsTheSameWhateverTheThreads() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch, numTrain: 30, numValidation: 10)
    try scratch.write("x", "train/rose/bad.jpg")
    let one = try Self.scan(scratch, numThreads: 1)
    // With room for one image at a time, too.
    let many = try Self.scan(scratch, numThreads: 8) { $0.memoryLimit = 1 }
    #expect(one.value == many.value)
    #expect(one.findings == many.findings)
  }

  @Test func theJSONFileHasAllOfIt() throws {
    let scratch = try ScratchFolder()
    try Self.write(scratch)
    for number in 0..<30 { try scratch.write("x", BytePath("train/rose/bad\(number).jpg")) }
    let scan = try Self.scan(scratch)
    try scan.writeJSON(to: scratch.path.appending("report.json"))
    let bytes = try FileReader.read(scratch.path.appending("report.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(json["format"] as? Int == 1 && json["samples"] as? Int == 40 && json["has_faults"] as? Bool == true)
    let findings = try #require(json["findings"] as? [[String: Any]])
    #expect(findings.map { $0["kind"] as? String } == ["not_an_image"])
    #expect(findings[0]["count"] as? Int == 30 && (findings[0]["items"] as? [Any])?.count == 30)
    #expect((json["parts"] as? [[String: Any]])?.map { $0["usable"] as? Int } == [6, 4])
  }

  @Test func aSetWithoutFolders() throws {
    let fixture = try LoaderFixture(numSamples: 9)
    let source = Renamed(folder: try fixture.folder())
    let scan = try DatasetScan([.init(name: "train", source: source)], path: "shards")
    #expect(scan.numSamples == 9)
    #expect(throws: ScanError.notAFolder("shards")) {
      try fixture.overwrite(0, with: [1, 2, 3])
      return try DatasetScan([.init(name: "train", source: source)], path: "shards").quarantine(.unusable)
    }
    #expect(throws: OptionsError.self) {
      var options = DatasetScan.Options()
      options.numThreads = 0
      _ = try DatasetScan([.init(name: "train", source: source)], path: "shards", options: options)
    }
  }

  /// A set that is no image folder.
  private struct Renamed: SampleSource {
    let folder: ImageFolder
    var classes: [String] { folder.classes }
    var count: Int { folder.count }
    var fingerprint: UInt64 { 1 }
    func label(at index: Int) -> Int { folder.label(at: index) }
    func name(at index: Int) -> String { "record \(index)" }
    func claimedExtension(at index: Int) -> String { "" }
    func read(at index: Int, limit: Int) throws -> [UInt8] { try folder.read(at: index, limit: limit) }
    func readEnds(at index: Int, head: Int, tail: Int) throws -> (bytes: [UInt8], fileSize: Int) {
      try folder.readEnds(at: index, head: head, tail: tail)
    }
  }

  @Test func otherKindsOfImagesAndOneClassAlone() throws {
    let scratch = try ScratchFolder()
    let image = try JPEGEncoder().encode(LoaderFixture.image(1, width: 60, height: 50))
    try scratch.write(image, BytePath(bytes: Array("rose/".utf8) + [0xE9, 0x2E, 0x6A, 0x70, 0x67]))
    try scratch.write(image, "rose/b\n.jpg")
    try scratch.write("x", "rose/2.HEIC")
    try scratch.write("x", "rose/notes.txt")
    let scan = try Self.scan(scratch)
    #expect(scan.findings.map(\.kind) == [.singleClass, .duplicate, .otherImage, .otherFile])
    #expect(Self.found(.otherImage, in: scan) == [["rose/2.HEIC"]])
    #expect(scan.hasFaults)
    // A name that is no text can be had again from the report.
    let json = scan.value.compactJSON
    #expect(json.contains(#"{"path":"rose/b\n.jpg","class":"rose"}"#), "\(json)")
    #expect(json.contains(#"{"path":"rose/\\xe9.jpg","path_bytes":"726f73652fe92e6a7067","class":"rose"}"#), "\(json)")
  }
}
