import Augment
import DataTestSupport
import Foundation
import TFRecord
import Testing

@testable import Dataset

struct ShardSubsetTests {
  private func payloads(_ dataset: ShardedDataset) throws -> [String: Example] {
    var payloads: [String: Example] = [:]
    for index in 0..<dataset.count {
      let example = try Example(dataset.payload(at: index))
      guard case .bytes(let name)? = example.features[ImageExample.filenameName] else { continue }
      payloads["\(dataset.classes[dataset.label(at: index)])/\(String(decoding: name[0], as: UTF8.self))"] = example
    }
    return payloads
  }

  @Test func classesAreCountedAnewInTheirOldOrder() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    let out = fixture.scratch.path.appending("subset")
    let result = try ShardSubset.write(
      fixture.out, to: out, classes: .names(["class2", "class0"]), options: fixture.options("2,1"))
    #expect(result.manifest.classes == ["class0", "class2"])
    #expect(result.manifest.parts.map(\.classCounts) == [[7, 6], [3, 2]])
    let (before, after) = (try ShardSet(fixture.out), try ShardSet(out))
    for (old, new) in [(before.train, after.train), (before.validation, after.validation)] {
      let (old, new) = (try payloads(#require(old)), try payloads(#require(new)))
      #expect(new.count == old.keys.count { !$0.hasPrefix("class1") })
      for (name, example) in new {
        var expected = try #require(old[name])
        expected.features[ImageExample.labelName] = .integer(name.hasPrefix("class0") ? 1 : 2)
        #expect(example == expected)
      }
    }
    #expect(try fixture.contents("subset").keys.contains("idx_files/train/train-00001-of-00002.idx"))
  }

  @Test func sharesAreDrawnBySeedAndNest() throws {
    let fixture = try ShardFixture(numTrain: 60, numValidation: 9)
    try fixture.pack()
    func names(_ fraction: Double, seed: UInt64 = 0, threads: Int = 2) throws -> Set<String> {
      let out = fixture.scratch.path.appending(BytePath("subset-\(fraction)-\(seed)-\(threads)"))
      let options = try fixture.options("2,1") {
        $0.seed = seed
        $0.numThreads = threads
      }
      let result = try ShardSubset.write(fixture.out, to: out, fraction: fraction, options: options)
      #expect(result.manifest.parts[0].classCounts == Array(repeating: Int((20 * fraction).rounded()), count: 3))
      return Set(try payloads(#require(try ShardSet(out).train)).keys)
    }
    let (tenth, half) = (try names(0.1), try names(0.5))
    #expect(tenth.count == 6 && half.count == 30 && tenth.isSubset(of: half))
    #expect(try names(0.5, seed: 1) != half)
    #expect(try names(0.5, threads: 1) == half)
    #expect(try fixture.contents("subset-0.5-0-1") == fixture.contents("subset-0.5-0-2"))
  }

  @Test func drawnClassesAreTheSameForTheSameSeed() throws {
    let fixture = try ShardFixture()
    try fixture.pack()
    var chosen: Set<[String]> = []
    for seed in UInt64(0)..<8 {
      for name in ["a", "b"] {
        let out = fixture.scratch.path.appending(BytePath("\(name)\(seed)"))
        let options = try fixture.options("1,1") { $0.seed = seed }
        try ShardSubset.write(fixture.out, to: out, classes: .count(2), options: options)
      }
      #expect(try fixture.contents("a\(seed)") == fixture.contents("b\(seed)"))
      let classes = try ShardManifest(reading: fixture.scratch.path.appending(BytePath("a\(seed)/manifest.json")))
        .classes
      #expect(classes.count == 2 && classes == classes.sorted())
      chosen.insert(classes)
    }
    #expect(chosen.count > 1)
    #expect(throws: ShardError.notSoManyClasses(4, numClasses: 3)) {
      try ShardSubset.write(fixture.out, to: fixture.scratch.path.appending("x"), classes: .count(4))
    }
    #expect(throws: ShardError.noSuchClass("rose", known: ["class0", "class1", "class2"])) {
      try ShardSubset.write(fixture.out, to: fixture.scratch.path.appending("x"), classes: .names(["rose"]))
    }
  }

  /// A set that TensorFlow wrote: features that Vitrail does not write keep their bytes.
  @Test func foreignFeaturesStay() throws {
    let scratch = try ShardFixture.imagenet()
    let (root, out) = (scratch.path.appending("set"), scratch.path.appending("out"))
    try ShardSubset.write(root, to: out, classes: .names(["roses"]))
    let train = try #require(try ShardSet(out).train)
    #expect(train.count == 2 && train.classes == ["roses"])
    let example = try Example(train.payload(at: 0))
    #expect(example.features["image/object/bbox/xmin"] == .floats([0.25, 0.5]))
    #expect(example.features["image/object/bbox/label"] == .integers([2, 2]))
    #expect(example.features[ImageExample.labelName] == .integer(1))
  }

  @Test func namesWithCommasAndDigits() throws {
    let fixture = try ShardFixture()
    for part in ["train", "validation"] {
      for (old, new) in [("class0", "3"), ("class1", "a,b")] {
        try FileTree.rename(
          fixture.raw.appending(BytePath("\(part)/\(old)")), to: fixture.raw.appending(BytePath("\(part)/\(new)")))
      }
    }
    try fixture.pack()
    let out = fixture.scratch.path
    let named = try ShardSubset.write(fixture.out, to: out.appending("named"), classes: .names(["a,b", "3"]))
    #expect(named.manifest.classes == ["3", "a,b"])
    let drawn = try ShardSubset.write(fixture.out, to: out.appending("drawn"), classes: .count(3))
    #expect(drawn.manifest.classes == ["3", "a,b", "class2"])
    #expect(drawn.notes.contains { $0.contains("--class 3") })
  }
}
