import DataTestSupport
import Foundation
import Testing

@testable import Dataset

struct SplitTests {
  private func makeRaw(_ counts: [String: Int], reversed: Bool = false) throws -> ScratchFolder {
    let scratch = try ScratchFolder()
    var names = counts.flatMap { name, count in (0..<count).map { "\(name)/sub\($0 % 2)/image \($0).jpg" } }
    names.sort()
    for name in reversed ? names.reversed() : names { try scratch.write(name, BytePath("raw/\(name)")) }
    return scratch
  }

  @Test func countsFollowTheRule() throws {
    let ratio = try SplitRatio(parsing: "4:1")
    // floor(n * 4 / 5), at least one file on each side of two or more.
    #expect([0, 1, 2, 3, 4, 5, 6, 9, 10, 101].map { ratio.numTrain(of: $0) } == [0, 1, 1, 2, 3, 4, 4, 7, 8, 80])
    #expect([1, 2, 3, 10].map { SplitRatio(train: 1, validation: 9).numTrain(of: $0) } == [1, 1, 1, 1])
    #expect([1, 2, 3, 10].map { SplitRatio(train: 99, validation: 1).numTrain(of: $0) } == [1, 1, 2, 9])
  }

  @Test(arguments: [
    "", "4", "4:", ":1", "4:0", "0:1", "-4:1", "4:1:1", "a:b", "4/1", "1000001:1", "99999999999999999999:1",
  ])
  func badRatiosAreRefused(text: String) {
    #expect(throws: SplitError.badRatio(text)) { try SplitRatio(parsing: text) }
  }

  @Test func ratioIsOneStringInJSON() throws {
    let ratio = try JSONDecoder().decode([SplitRatio].self, from: Data(#"["3:2"]"#.utf8))
    #expect(ratio == [SplitRatio(train: 3, validation: 2)])
    #expect(String(decoding: try JSONEncoder().encode(ratio), as: UTF8.self) == #"["3:2"]"#)
    #expect(throws: (any Error).self) { try JSONDecoder().decode([SplitRatio].self, from: Data(#"["3:0"]"#.utf8)) }
  }

  @Test func sameOnAnyFileSystem() throws {
    let counts = ["a": 25, "b": 7, "c": 2, "d": 1]
    let first = try makeRaw(counts)
    let second = try makeRaw(counts, reversed: true)
    let ratio = SplitRatio(train: 4, validation: 1)
    let a = try Split(ImageFolder(root: first.path.appending("raw")), ratio: ratio, seed: 7)
    let b = try Split(ImageFolder(root: second.path.appending("raw")), ratio: ratio, seed: 7)
    #expect(a == b)
    #expect(a.counts.map(\.name) == ["a", "b", "c", "d"])
    #expect(a.counts.map(\.numTrain) == [20, 5, 1, 1])
    #expect(a.counts.map(\.numValidation) == [5, 2, 1, 0])
    #expect((a.train + a.validation).sorted() == Array(0..<35))
    let other = try Split(ImageFolder(root: first.path.appending("raw")), ratio: ratio, seed: 8)
    #expect(other.train != a.train)
    #expect(other.counts == a.counts)
  }

  /// The very files: a change of the rule would silently mix training and validation images of older runs.
  @Test func goldenSplit() throws {
    let scratch = try makeRaw(["a": 6, "b": 4])
    let folder = try ImageFolder(root: scratch.path.appending("raw"))
    let split = try Split(folder, ratio: SplitRatio(train: 2, validation: 1), seed: 42)
    #expect(
      split.validation.map { folder.name(at: $0) } == [
        "a/sub0/image 2.jpg", "a/sub1/image 3.jpg", "b/sub0/image 2.jpg", "b/sub1/image 1.jpg",
      ])
  }

  @Test func anotherClassChangesNothing() throws {
    let small = try makeRaw(["b": 30])
    let large = try makeRaw(["a": 11, "b": 30])
    let ratio = SplitRatio(train: 2, validation: 1)
    func validation(_ scratch: ScratchFolder) throws -> [String] {
      let folder = try ImageFolder(root: scratch.path.appending("raw"))
      return try Split(folder, ratio: ratio, seed: 1).validation.map { folder.name(at: $0) }
        .filter { $0.hasPrefix("b/") }
    }
    #expect(try validation(small) == validation(large))
  }

  @Test(arguments: Split.Placement.allCases) func writesImageNetLayout(placement: Split.Placement) throws {
    let scratch = try makeRaw(["a": 10, "b": 3])
    let out = scratch.path.appending("made/out")
    let raw = scratch.path.appending("raw")
    let split = try Split.write(
      raw, to: out, ratio: SplitRatio(train: 4, validation: 1), seed: 3, placement: placement)
    #expect(split.counts.map(\.numTrain) == [8, 2])
    let layout = try ImageFolderLayout.find(out)
    let folder = try ImageFolder(root: raw)
    for (part, indices) in [
      (try layout.requireTrain(), split.train), (try #require(layout.validation), split.validation),
    ] {
      let written = try ImageFolder(root: part)
      #expect(written.samples.map(\.relativePath) == indices.map { folder.samples[$0].relativePath })
      for index in written.samples.indices {
        #expect(try written.read(at: index, limit: 1000) == Array(written.name(at: index).utf8))
      }
    }
    let parts = try folder.split(ratio: SplitRatio(train: 4, validation: 1), seed: 3)
    #expect(parts.train.samples == split.train.map { folder.samples[$0] })
    #expect(parts.validation.samples == split.validation.map { folder.samples[$0] })
    let name = folder.samples[split.train[0]].relativePath
    let isSameFile =
      scratch.inode(BytePath("raw").appending(name)) == scratch.inode(BytePath("made/out/train").appending(name))
    #expect(isSameFile == (placement == .hardLink))
    #expect(try FileTree.list(scratch.path.appending("made")).map(\.name) == ["out"])
  }

  @Test func refusesWhatStandsThere() throws {
    let scratch = try makeRaw(["a": 4])
    let raw = scratch.path.appending("raw")
    let ratio = SplitRatio(train: 1, validation: 1)
    try scratch.write("x", "full/.hidden")
    #expect(throws: SplitError.outputNotEmpty(scratch.path.appending("full").description)) {
      try Split.write(raw, to: scratch.path.appending("full"), ratio: ratio, seed: 0)
    }
    try scratch.write("x", "file")
    #expect(throws: SplitError.outputNotAFolder(scratch.path.appending("file").description)) {
      try Split.write(raw, to: scratch.path.appending("file"), ratio: ratio, seed: 0)
    }
    #expect(throws: SplitError.self) { try Split.write(raw, to: raw.appending("out"), ratio: ratio, seed: 0) }
    #expect(try scratch.files().filter { $0.contains("partial") || $0.contains("out") } == [])
    // An empty folder is taken, also behind a link.
    try scratch.makeFolder("empty")
    try scratch.link("link", to: scratch.path.appending("empty"))
    try Split.write(raw, to: scratch.path.appending("link"), ratio: ratio, seed: 0)
    #expect(try scratch.files("empty").count == 4)
  }

  @Test func leavesNothingBehindWhenItFails() throws {
    let scratch = try makeRaw(["a": 4])
    try scratch.link("raw/a/sub0/gone.jpg", to: "/nowhere/at/all")
    #expect(throws: FileError.self) {
      try Split.write(
        scratch.path.appending("raw"), to: scratch.path.appending("out"),
        ratio: SplitRatio(train: 1, validation: 1), seed: 0)
    }
    var names: [String] = []
    for case let name as String in try #require(
      FileManager.default.enumerator(atPath: scratch.path.description)) where !name.hasPrefix("raw")
    {
      names.append(name)
    }
    #expect(names == [])
  }

  @Test func nothingLeftForValidation() throws {
    let scratch = try makeRaw(["a": 1, "b": 1])
    let folder = try ImageFolder(root: scratch.path.appending("raw"))
    #expect(throws: SplitError.tooSmall(folder.root.description)) {
      try Split(folder, ratio: SplitRatio(train: 4, validation: 1), seed: 0)
    }
  }

  /// Classes named `train` and `validation` are nobody's wish.
  @Test func whatIsSplitIsNotSplitAgain() throws {
    let scratch = try makeRaw(["a": 10, "b": 5])
    let raw = scratch.path.appending("raw")
    let once = scratch.path.appending("once")
    try Split.write(raw, to: once, ratio: SplitRatio(train: 4, validation: 1), seed: 0)
    #expect(throws: SplitError.alreadySplit(once.description)) {
      try Split.write(once, to: scratch.path.appending("twice"), ratio: SplitRatio(train: 4, validation: 1), seed: 0)
    }
  }

  @Test func aTestSplitIsKeptAsItIs() throws {
    let scratch = try ScratchFolder()
    for number in 0..<10 { try scratch.write("x", BytePath("raw/Train/\(number % 2)/\(number).jpg")) }
    for number in 0..<3 { try scratch.write("x", BytePath("raw/test/1/t\(number).jpg")) }
    let split = try Split.write(
      scratch.path.appending("raw"), to: scratch.path.appending("out"), ratio: SplitRatio(train: 4, validation: 1),
      seed: 0)
    #expect(split.counts.map(\.numTrain) == [4, 4] && split.counts.map(\.numValidation) == [1, 1])
    #expect(split.testCounts == [0, 3])
    let files = try scratch.files("out")
    #expect(files.filter { $0.hasPrefix("out/test/") } == (0..<3).map { "out/test/1/t\($0).jpg" })
    #expect(files.count { $0.hasPrefix("out/train/") } == 8 && files.count == 13)
    #expect(throws: SplitError.alreadySplit(scratch.path.appending("out").description)) {
      try Split.write(
        scratch.path.appending("out"), to: scratch.path.appending("again"), ratio: SplitRatio(train: 4, validation: 1),
        seed: 0)
    }
  }

  /// A caller that wants to stop throws from its progress.
  @Test func aStoppedSplitLeavesNothing() throws {
    struct Stop: Error {}
    let scratch = try ScratchFolder()
    for index in 0..<6 { try scratch.write("x", BytePath("raw/a/\(index).jpg")) }
    #expect(throws: Stop.self) {
      try Split.write(
        scratch.path.appending("raw"), to: scratch.path.appending("out"), ratio: SplitRatio(train: 1, validation: 1),
        seed: 0, progress: { numDone, _ in if numDone == 2 { throw Stop() } })
    }
    #expect(try FileTree.list(scratch.path).map(\.name) == ["raw"])
    #expect(try FileTree.hiddenNames(scratch.path) == [])
  }
}
