import Augment
import DataTestSupport
import Foundation
import KeyedRandom
import TFRecord
import Testing

@testable import Dataset

struct ShardHostileTests {
  /// Whatever the bytes of shards, indices and manifest: records or errors, and no memory out of proportion.
  @Test func damagedSetsAreReadOrRefused() throws {
    let fixture = try ShardFixture(numTrain: 9, numValidation: 3)
    try fixture.pack("2,1")
    let whole = try fixture.contents("out")
    let names = whole.keys.sorted()
    var random = KeyedRandom(seed: 17)
    var (numOpened, numRead) = (0, 0)
    for _ in 0..<400 {
      let name = names[random.integer(below: names.count)]
      var bytes = try #require(whole[name])
      for _ in 0...random.integer(below: 3) {
        let place = random.integer(below: bytes.count)
        switch random.integer(below: 4) {
        case 0: bytes[place] ^= UInt8(1 << random.integer(below: 8))
        case 1: bytes[place] = UInt8(ascii: "9")
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + random.integer(below: 40)))
        default: bytes.insert(contentsOf: [0xFF, 0x39, 0x30, 0x0A], at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      try fixture.scratch.write(bytes, BytePath("out/\(name)"))
      if random.integer(below: 4) == 0 { FileTree.removeFile(fixture.out.appending("manifest.json")) }
      if let set = try? ShardSet(fixture.out) {
        numOpened += 1
        for dataset in [set.train, set.validation].compactMap(\.self) {
          _ = dataset.fingerprint
          for index in 0..<dataset.count {
            #expect(dataset.classes.indices.contains(dataset.label(at: index)))
            #expect(!dataset.name(at: index).contains("\n"))
            _ = try? dataset.readEnds(at: index, head: 64, tail: 16)
            if (try? dataset.read(at: index, limit: 1 << 20)) != nil { numRead += 1 }
          }
        }
      }
      for restored in [name, "manifest.json"] {
        try fixture.scratch.write(#require(whole[restored]), BytePath("out/\(restored)"))
      }
    }
    #expect(numOpened > 100 && numRead > 1000)
  }

  /// An index that fits the size of the shard and lies about what is between, with a manifest that agrees with it.
  @Test func anIndexThatLiesGivesErrorsOrIsFoundOut() throws {
    let fixture = try ShardFixture(numTrain: 40, numValidation: 3)
    try fixture.pack("1,1")
    let path = "out/idx_files/train/train-00000-of-00001.idx"
    let sound = String(decoding: try fixture.bytes(path), as: UTF8.self)
    var lines = sound.split(separator: "\n").map { $0.split(separator: " ").map { Int($0)! } }
    (lines[7][1], lines[8][0], lines[8][1]) = (lines[7][1] - 4, lines[8][0] - 4, lines[8][1] + 4)
    try fixture.scratch.write(lines.map { "\($0[0]) \($0[1])\n" }.joined(), BytePath(path))
    let dataset = try #require(try ShardSet(fixture.out).train)
    let bad = (0..<40).filter { (try? dataset.read(at: $0, limit: 1 << 20)) == nil }
    #expect(bad == [7, 8])
    // Beyond the end, overlapping, and of a huge size: the shard is gone through.
    for lie in [sound + "999999999 20\n", sound.replacingOccurrences(of: "\n", with: "\n0 20\n"), "0 99999999999\n"] {
      try fixture.scratch.write(lie, BytePath(path))
      let set = try ShardSet(fixture.out)
      #expect(set.notes.count == 1)
      let train = try #require(set.train)
      for index in 0..<train.count { #expect(try !train.read(at: index, limit: 1 << 20).isEmpty) }
    }
  }

  @Test func labelsThatAreNoClassesAreBadSamples() throws {
    let scratch = try ScratchFolder()
    let image = try JPEGEncoder().encode(LoaderFixture.image(1, width: 20, height: 20))
    let labels: [Example.Feature?] = [
      .integers([1]), .integers([2]), .integers([-1]), .integers([.max]), .integers([]), .text("1"), nil,
      .integers([1_000_001]), .integers([2, 7]),
    ]
    var bytes: [UInt8] = []
    for label in labels {
      var example = Example(features: [ImageExample.imageName: .bytes([image])])
      example.features[ImageExample.labelName] = label
      bytes += RecordFrame.framed(example.payload)
    }
    bytes += RecordFrame.framed(Example(features: [ImageExample.labelName: .integer(1)]).payload)
    bytes += RecordFrame.framed([0xFF, 0xFF])
    try scratch.write(bytes, "train-00000-of-00001")
    let dataset = try #require(try ShardSet(scratch.path).train)
    #expect(dataset.classes == ["1", "2"])
    let good = (0..<dataset.count).filter { (try? dataset.read(at: $0, limit: 1 << 20)) != nil }
    #expect(good == [0, 1, 8])
    let ends = (0..<dataset.count).filter { (try? dataset.readEnds(at: $0, head: 8, tail: 8)) != nil }
    #expect(ends == good)
  }

  @Test func hostileNamesStayOnOneLine() throws {
    let scratch = try ScratchFolder()
    let image = try JPEGEncoder().encode(LoaderFixture.image(1, width: 20, height: 20))
    let name = [UInt8](repeating: 0x0A, count: 5000) + [0xFF, 0x1B]
    let example = Example(features: [
      ImageExample.imageName: .bytes([image]), ImageExample.labelName: .integer(1),
      ImageExample.textName: .bytes([name]), ImageExample.filenameName: .bytes([name]),
    ])
    try scratch.write(RecordFrame.framed(example.payload), "train-00000-of-00001")
    let dataset = try #require(try ShardSet(scratch.path).train)
    for text in dataset.classes + [dataset.name(at: 0)] {
      #expect(!text.contains("\n") && !text.contains("\u{1B}") && text.count < 2000)
    }
  }

  @Test func aShardReplacedMeanwhileIsAnError() throws {
    let scratch = try ShardFixture.imagenet()
    let dataset = try #require(try ShardSet(scratch.path.appending("set")).train)
    try scratch.write([1, 2, 3], "set/train-00000-of-00002")
    let error = #expect(throws: RecordError.self) { try dataset.read(at: 0, limit: 1 << 20) }
    guard case .changed(3, _)? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try !dataset.read(at: 6, limit: 1 << 20).isEmpty)
  }
}
