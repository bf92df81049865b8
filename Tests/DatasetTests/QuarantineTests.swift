import Augment
import DataTestSupport
import Testing

@testable import Dataset

#if canImport(Glibc)
  import Glibc
#endif

struct QuarantineTests {
  private func bad(_ scratch: ScratchFolder) throws {
    try DatasetScanTests.write(scratch)
    try scratch.write("cut", "train/rose/deep/er/cut.jpg")
    try scratch.write("line", BytePath("validation/tulip/new\nline.png"))
    try scratch.write("latin", BytePath(bytes: Array("train/rose/".utf8) + [0xE9, 0x2E, 0x6A, 0x70, 0x67]))
    try scratch.link("train/tulip/gone.jpg", to: "/nowhere")
    _ = scratch.path.appending("train/tulip/pipe.jpg").withCString { mkfifo($0, 0o600) }
  }

  @Test func whatCannotBeUsedGoesAndComesBack() throws {
    let scratch = try ScratchFolder()
    try bad(scratch)
    let before = try scratch.files()
    let scan = try DatasetScan(folder: scratch.path)
    let (rest, outcome) = try scan.quarantine(.unusable)
    #expect(outcome.left.isEmpty)
    #expect(outcome.moved.count == 5)
    #expect(rest.findings.isEmpty && rest.numSamples == 10)
    // What is left is a set without faults, and the quarantine is no class of it.
    let again = try DatasetScan(folder: scratch.path)
    #expect(again.value == rest.value)
    let quarantined = try scratch.files(".quarantine/files").map { String($0.dropFirst(".quarantine/files/".count)) }
    #expect(quarantined == outcome.moved.sorted().map(\.description))
    #expect(try Set(quarantined).union(scratch.files()) == Set(before))
    #expect(try again.quarantine(.unusable).outcome.moved.isEmpty)

    let log = String(decoding: try FileReader.read(scratch.path.appending(".quarantine/log.jsonl")), as: UTF8.self)
    #expect(log.split(separator: "\n").count == 5)
    #expect(log.contains("\"path_bytes\":\"747261696e2f726f73652fe92e6a7067\""))

    let restored = try Quarantine(of: scratch.path).restore()
    #expect(restored.left.isEmpty && restored.moved == outcome.moved.sorted())
    #expect(try scratch.files() == before)
    #expect(!FileTree.exists(scratch.path.appending(".quarantine/files")))
    #expect(try FileReader.read(scratch.path.appending("train/rose/deep/er/cut.jpg")) == Array("cut".utf8))
    #expect(try Quarantine(of: scratch.path).restore() == .init())
  }

  @Test func nothingIsReplaced() throws {
    let scratch = try ScratchFolder()
    try DatasetScanTests.write(scratch)
    try scratch.write("first", "train/rose/bad.jpg")
    _ = try DatasetScan(folder: scratch.path).quarantine(.unusable)
    // A new file under the old name: it can neither follow the first one, nor be replaced by it.
    try scratch.write("second", "train/rose/bad.jpg")
    let outcome = try DatasetScan(folder: scratch.path).quarantine(.unusable).outcome
    #expect(outcome.moved.isEmpty)
    #expect(outcome.left.map(\.reason) == ["cannot move: File exists"])
    #expect(try Quarantine(of: scratch.path).restore().left.map(\.path) == ["train/rose/bad.jpg"])
    #expect(try FileReader.read(scratch.path.appending("train/rose/bad.jpg")) == Array("second".utf8))
    #expect(
      try FileReader.read(scratch.path.appending(".quarantine/files/train/rose/bad.jpg")) == Array("first".utf8))
  }

  /// A process that ended between the two halves of a move left the file with both names.
  @Test func aMoveThatWasCutShortIsEnded() throws {
    let scratch = try ScratchFolder()
    try DatasetScanTests.write(scratch)
    try scratch.write("bad", "train/rose/bad.jpg")
    try scratch.makeFolder(".quarantine/files/train/rose")
    let name = BytePath("train/rose/bad.jpg")
    let target = scratch.path.appending(".quarantine/files").appending(name)
    try FileWriter.hardLink(scratch.path.appending(name), to: target)
    #expect(try DatasetScan(folder: scratch.path).quarantine(.unusable).outcome.moved == [name])
    #expect(!FileTree.exists(scratch.path.appending(name)))
    try FileWriter.hardLink(target, to: scratch.path.appending(name))
    #expect(try Quarantine(of: scratch.path).restore().moved == [name])
    #expect(!FileTree.exists(target))
    #expect(try FileReader.read(scratch.path.appending(name)) == Array("bad".utf8))
  }

  @Test func linksDoNotLeadOutOfTheFolder() throws {
    let other = try ScratchFolder()
    try other.write("bad", "store/bad.jpg")
    let scratch = try ScratchFolder()
    try DatasetScanTests.write(scratch)
    try scratch.link("train/lily", to: other.path.appending("store"))
    let outcome = try DatasetScan(folder: scratch.path).quarantine(.unusable).outcome
    #expect(outcome.moved.isEmpty && outcome.left.map(\.path) == ["train/lily/bad.jpg"])
    #expect(try other.files() == ["store/bad.jpg"])

    let elsewhere = try ScratchFolder()
    try DatasetScanTests.write(elsewhere)
    try elsewhere.write("bad", "train/rose/bad.jpg")
    try elsewhere.link(".quarantine", to: other.path)
    #expect(throws: FileError.self) { try DatasetScan(folder: elsewhere.path).quarantine(.unusable) }
    #expect(try other.files() == ["store/bad.jpg"])
  }

  @Test func duplicatesGoOnRequest() throws {
    let scratch = try ScratchFolder()
    try DatasetScanTests.write(scratch)
    let images = try (60..<63).map { try PNGEncoder().encode(LoaderFixture.image($0, width: 50, height: 40)) }
    for name in ["train/rose/p.png", "train/rose/p2.png", "validation/rose/p.png"] {
      try scratch.write(images[0], BytePath(name))
    }
    for name in ["train/rose/q.png", "train/tulip/q.png"] { try scratch.write(images[1], BytePath(name)) }
    for name in ["train/rose/r.png", "train/rose/s.png"] { try scratch.write(images[2], BytePath(name)) }
    let scan = try DatasetScan(folder: scratch.path)
    #expect(scan.findings.map(\.kind) == [.inTwoClasses, .inBothSplits, .duplicate])
    #expect(try scan.quarantine(.unusable).outcome.moved.isEmpty)
    let (rest, outcome) = try scan.quarantine(.unusableAndDuplicates)
    #expect(
      outcome.moved == ["train/rose/p.png", "train/rose/p2.png", "train/rose/q.png", "train/tulip/q.png"])
    #expect(rest.findings.map(\.kind) == [.duplicate])
    #expect(try scratch.files("validation").contains("validation/rose/p.png"))
  }

  @Test func aClassThatIsEmptiedIsAFault() throws {
    let scratch = try ScratchFolder()
    try DatasetScanTests.write(scratch)
    for side in ["train", "validation"] { try scratch.write("bad", BytePath("\(side)/lily/bad.jpg")) }
    let (rest, outcome) = try DatasetScan(folder: scratch.path).quarantine(.unusable)
    #expect(outcome.moved.count == 2)
    #expect(rest.findings.map(\.kind) == [.classWithoutImages])
    #expect(try DatasetScan(folder: scratch.path).value == rest.value)
  }
}
