import Augment
import Dataset
import Foundation
import Settings
import TestSupport
import Testing
import Training

@testable import Recipes

/// Runs over TFRecord shards.
@Suite struct ShardDataTests {
  /// The shards of a fixture's set, with or without its validation part.
  private static func pack(_ fixture: RunFixture, _ name: String = "shards", part: String = "") throws -> String {
    var options = ShardOptions()
    options.shards = .fixed(train: 3, validation: 2)
    let out = "\(fixture.folder)/\(name)"
    try ShardPacking.pack(BytePath("\(fixture.set.path)\(part)"), to: BytePath(out), options: options)
    return out
  }

  @Test func partsAndNotes() throws {
    let fixture = try RunFixture()
    var options = DataOptions()
    options.path = try Self.pack(fixture)
    let data = try RunData(options, seed: 0)
    #expect((data.train.count, data.validation.count, data.isSplitOnTheFly) == (44, 14, false))
    #expect(data.train.classes == ["class0", "class1", "class2"] && data.notes.isEmpty)
    // Without a validation part the records are split, by the seed, with all classes on both sides.
    options.path = try Self.pack(fixture, "train-only", part: "/train")
    let split = try RunData(options, seed: 1)
    #expect(split.isSplitOnTheFly && (split.train.count, split.validation.count) == (35, 9))
    #expect(Set((0..<9).map { split.validation.label(at: $0) }) == [0, 1, 2])
    let names = { (data: RunData) in (0..<data.validation.count).map { data.validation.name(at: $0) } }
    #expect(try names(RunData(options, seed: 1)) == names(split))
    #expect(try names(RunData(options, seed: 2)) != names(split))
    let train = Set((0..<split.train.count).map { split.train.name(at: $0) })
    #expect(train.count == 35 && train.isDisjoint(with: names(split)))
    // Validation shards alone are for evaluation only.
    try FileManager.default.removeItem(atPath: "\(fixture.folder)/shards/train")
    options.path = "\(fixture.folder)/shards"
    #expect(throws: ShardError.noTrainingShards(options.path)) { try RunData(options, seed: 0) }
  }

  @Test func aRunOverShardsEndsAndResumesToTheSameBits() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let shards = try ShardDataTests.pack(fixture)
      let whole = fixture.options("whole") { $0.data.path = shards }
      #expect(try fixture.train(whole).step == 12)
      let parts = fixture.options("parts") { $0.data.path = shards }
      try fixture.train(parts, stopAtCall: 4)
      #expect(try fixture.train(parts, resuming: true).step == 12)
      let weights = try ["whole", "parts"].map { name in
        try Data(
          contentsOf: URL(fileURLWithPath: "\(fixture.folder)/\(name)/checkpoints/last/model.safetensors"))
      }
      #expect(weights[0] == weights[1])
    }
  }

  @Test func damagedRecordsAreListedByShardAndOffset() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 110, numValidation: 14)
      let shards = try ShardDataTests.pack(fixture)
      let file = URL(fileURLWithPath: "\(shards)/train/train-00001-of-00003")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: file)
      let options = fixture.options("run") {
        $0.data.path = shards
        $0.data.verify = .always
      }
      #expect(try fixture.train(options).status == .completed)
      let text = try String(contentsOfFile: "\(options.out)/bad_samples.jsonl", encoding: .utf8)
      #expect(text.split(separator: "\n").count == 1)
      #expect(text.contains("train/train-00001-of-00003 at byte ") && text.contains("is corrupt"))
      let stopping = fixture.options("stopping") {
        $0.data.path = shards
        $0.data.onError = .stop
      }
      #expect(throws: DataLoaderError.self) { try fixture.train(stopping) }
    }
  }
}
