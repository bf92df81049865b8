import Dataset
import Foundation
import Settings
import TestSupport
import Testing
import VisionModels
import Preprocessing
import Training

@testable import Recipes

/// What a run does about images that cannot be read.
@Suite struct BadDataTests {
  /// The lines of `bad_samples.jsonl`, as `set:path`.
  private static func listed(_ run: String) throws -> [String] {
    let path = "\(run)/bad_samples.jsonl"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      #expect(Set(object.keys) == ["set", "sample_index", "path", "reason"])
      return "\(object["set"] ?? ""):\(object["path"] ?? "")"
    }
  }

  @Test func oneInAHundredIsLeftOut() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 110, numValidation: 101)
      let train = try fixture.set.breakPixels("train", at: 50)
      let validation = try fixture.set.breakHeader("validation", at: 4)
      let options = fixture.options("run") { $0.training.epochs = 2 }
      var builder = RunBuilder(options)
      let notes = NoteList()
      builder.note = { notes.add($0) }
      let end = try builder.build().train()
      #expect(end.status == .completed && end.step == 28)
      #expect(try BadDataTests.listed(options.out) == ["train:\(train)", "validation:\(validation)"])
      // Named once, though there are two epochs.
      #expect(notes.all.filter { $0.contains(train) }.count == 1)
      // Its batch is one shorter, and nothing moves.
      let counts = try metrics(options.out).filter { $0["event"] as? String == "step" }.map { $0["samples"] as? Int }
      for epoch in [counts[..<14], counts[14...]] {
        #expect(epoch.filter { $0 == 8 }.count >= 12 && epoch.compactMap(\.self).reduce(0, +) == 109)
      }
    }
  }

  @Test func badHeadersStopARunBeforeItsFirstStep() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 110, numValidation: 14)
      let bad = try [3, 60].map { try fixture.set.breakHeader("train", at: $0) }
      let options = fixture.options("run")
      let error = #expect(throws: DataLoaderError.self) { try fixture.train(options) }
      #expect("\(error!)".hasPrefix("2 of 110 samples are bad") && "\(error!)".contains(bad[0]))
      #expect(!FileManager.default.fileExists(atPath: "\(options.out)/metrics.jsonl"))
      #expect(try BadDataTests.listed(options.out) == bad.map { "train:\($0)" })
      // With the limit raised, the same command works in the same folder.
      var raised = options
      raised.data.maximumBadFraction = 0.02
      #expect(try fixture.train(raised).status == .completed)
    }
  }

  @Test func badPixelsStopARunAtOnce() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 110, numValidation: 14)
      // The first of these is in the first batch, the second in the last but one, which comes after step 12.
      let order = ShuffledSampler(seed: 3).order(epoch: 0, count: 110)
      let bad = try [order[2], order[100]].map { try fixture.set.breakPixels("train", at: $0) }
      let options = fixture.options("run")
      let error = #expect(throws: DataLoaderError.self) { try fixture.train(options) }
      #expect("\(error!)".hasPrefix("2 of 110 samples are bad"))
      let lines = try metrics(options.out)
      #expect(lines.filter { $0["event"] as? String == "step" }.count == 12)
      #expect(lines.last?["status"] as? String == "failed")
      // The second was found after the last save, and is listed all the same.
      #expect(Set(try BadDataTests.listed(options.out)) == Set(bad.map { "train:\($0)" }))
    }
  }

  @Test func onErrorStop() async {
    await #expect(processExitsWith: .success) {
      for breakIt in [SmallImageSet.breakHeader, SmallImageSet.breakPixels] {
        let fixture = try RunFixture()
        let name = try breakIt(fixture.set)("train", 20)
        let options = fixture.options("run") { $0.data.onError = .stop }
        let error = #expect(throws: DataLoaderError.self) { try fixture.train(options) }
        #expect("\(error!)".contains(name))
      }
    }
  }

  /// Batches whose samples are all bad are passed over: the run ends, and steps hold the batches that they always do.
  @Test func wholeBatchesOfBadSamples() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 13, numValidation: 3)
      let tolerant: (inout RunOptions) -> Void = {
        $0.data.batchSize = 1
        $0.data.maximumBadFraction = 1
        $0.training.accumulation = 3
      }
      // Of 13 batches in 5 steps: the second of step 1, the whole of step 3, and the last.
      let order = ShuffledSampler(seed: 3).order(epoch: 0, count: 13)
      for place in [1, 6, 7, 8, 12] { try fixture.set.breakPixels("train", at: order[place]) }
      let options = fixture.options("run") {
        tolerant(&$0)
        $0.training.epochs = 1
      }
      #expect(try fixture.train(options).step == 3)
      let steps = try metrics(options.out).filter { $0["event"] as? String == "step" }
      #expect(steps.map { $0["samples"] as? Int } == [2, 3, 3])

      let longer = fixture.options("longer", tolerant)
      try fixture.train(longer)
      let whole = try RunTrace(longer.out)
      for call in 2...8 {
        let stopped = fixture.options("stopped-\(call)", tolerant)
        try fixture.train(stopped, stopAtCall: call)
        try fixture.train(stopped, resuming: true)
        try expectSame(stopped.out, whole, "stopped at call \(call)")
      }
    }
  }

  @Test func oneClassAloneIsRefused() throws {
    let fixture = try RunFixture()
    let folder = "\(fixture.folder)/set"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(fixture.set.path)/train/class1", toPath: "\(folder)/class1")
    var options = DataOptions()
    options.path = folder
    #expect(throws: ImageFolderError.oneClass("class1", root: folder, inner: false)) { try RunData(options, seed: 0) }
    // A model that knows more classes can be wrong about one of them.
    #expect(try evaluationData(folder, classes: ["class0", "class1"]).source.classes.count == 2)
    try ShardPacking.pack(BytePath(folder), to: BytePath("\(fixture.folder)/shards"))
    options.path = "\(fixture.folder)/shards"
    #expect(throws: ShardError.oneClass("class1", root: options.path)) { try RunData(options, seed: 0) }
  }

  /// What is scored of a folder for a model that knows these classes.
  private func evaluationData(_ path: String, classes: [String]) throws -> EvaluationData {
    var config = ViTConfig()
    (config.embedDim, config.depth, config.numHeads, config.numClasses) = (8, 1, 1, classes.count)
    let description = ModelDescription(
      name: "test", config: config, classes: classes, preprocessing: ImagePreprocessing())
    let model = Pretrained.Model(
      model: VisionTransformer(config), description: description, weights: .trained, path: "run", matmulBackend: nil,
      data: nil)
    return try EvaluationData(path, split: nil, for: model)
  }

  /// A test split is neither trained on nor evaluated on by a run.
  @Test func aTestSplitIsLeftAlone() throws {
    let fixture = try RunFixture(numTrain: 44, numValidation: 14)
    try FileManager.default.moveItem(
      atPath: "\(fixture.set.path)/validation", toPath: "\(fixture.set.path)/Test")
    var options = DataOptions()
    options.path = fixture.set.path
    let data = try RunData(options, seed: 0)
    #expect(data.isSplitOnTheFly && data.train.count + data.validation.count == 44)
    let shards = "\(fixture.folder)/shards"
    try ShardPacking.pack(BytePath(fixture.set.path), to: BytePath(shards))
    options.path = shards
    let packed = try RunData(options, seed: 0)
    #expect(packed.isSplitOnTheFly && packed.train.count + packed.validation.count == 44)
    #expect(try evaluationData(shards, classes: ["class0", "class1", "class2"]).source.count == 14)
  }
}

/// Notes from any thread.
final class NoteList: @unchecked Sendable {
  private let lock = NSLock()
  private var notes: [String] = []
  func add(_ note: String) { lock.withLock { notes.append(note) } }
  var all: [String] { lock.withLock { notes } }
}
