import Checkpoint
import Dataset
import Foundation
import TestSupport
import Testing
import Training

@testable import Recipes

/// Which images a model is scored on, and what is known of its training on them.
@Suite struct EvaluationDataTests {
  /// What was found, in short.
  private struct Found: Equatable {
    var split: EvaluationData.Split
    var count: Int
    var numTrainedOn: Int?
  }

  private static func find(
    _ run: String, _ path: String? = nil, _ split: EvaluationData.Split? = nil
  ) throws -> Found {
    let images = try EvaluationData(path, split: split, for: Pretrained.model(at: run))
    #expect(images.source.classes == ["class0", "class1", "class2"])
    let names = Set((0..<images.source.count).map { images.source.name(at: $0) })
    #expect(names.count == images.source.count)
    return Found(split: images.split, count: images.source.count, numTrainedOn: images.numTrainedOn)
  }

  private static func train(_ fixture: RunFixture, _ name: String, on path: String) throws -> String {
    let options = fixture.options(name) {
      $0.data.path = path
      $0.training.epochs = 1
    }
    try fixture.train(options)
    return options.out
  }

  /// A folder with splits: its own validation split, whatever else is asked for, and copies of it.
  @Test func aFolderWithSplits() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let set = fixture.set.path
      let run = try EvaluationDataTests.train(fixture, "run", on: set)
      func find(_ path: String? = nil, _ split: EvaluationData.Split? = nil) throws -> Found {
        try EvaluationDataTests.find(run, path, split)
      }
      let validation = Found(split: .validation, count: 14, numTrainedOn: 0)
      #expect(try find() == validation && find(set) == validation && find(nil, .validation) == validation)
      #expect(try find(nil, .train) == Found(split: .train, count: 44, numTrainedOn: 44))
      #expect(try find(nil, .all) == Found(split: .all, count: 58, numTrainedOn: 44))
      #expect(throws: EvaluationDataError.self) { try find(nil, .test) }
      // Its splits by themselves, and copies.
      #expect(try find("\(set)/validation") == Found(split: .all, count: 14, numTrainedOn: 0))
      #expect(try find("\(set)/train") == Found(split: .all, count: 44, numTrainedOn: 44))
      let copy = "\(fixture.folder)/copy"
      try FileManager.default.copyItem(atPath: set, toPath: copy)
      #expect(try find(copy) == validation)
      #expect(try find(copy, .all) == Found(split: .all, count: 58, numTrainedOn: 44))
      // Another validation split with the names of training images may hold copies of them.
      try FileManager.default.removeItem(atPath: "\(copy)/validation/class0/1000.png")
      #expect(try find(copy) == Found(split: .validation, count: 13, numTrainedOn: nil))
      // In the run's own folder it is beside the images that were trained on.
      try FileManager.default.removeItem(atPath: "\(set)/validation/class0/1000.png")
      #expect(try find() == Found(split: .validation, count: 13, numTrainedOn: 0))
      try FileManager.default.moveItem(atPath: "\(copy)/validation", toPath: "\(set)/test")
      #expect(try find(nil, .test) == Found(split: .test, count: 13, numTrainedOn: 0))
      #expect(try find(nil, .all) == Found(split: .all, count: 70, numTrainedOn: 44))
      // Once the images are gone, only copies are known.
      try FileManager.default.removeItem(atPath: "\(set)/train")
      #expect(try find("\(copy)/train") == Found(split: .all, count: 44, numTrainedOn: 44))
      #expect(try find("\(set)/test") == Found(split: .all, count: 13, numTrainedOn: nil))
      try FileManager.default.removeItem(atPath: set)
      #expect(throws: EvaluationDataError.gone(set)) { try find() }
    }
  }

  /// The split that a run made itself is found again, in its folder and in a copy, as long as the images are the same.
  @Test func aSplitOfTheRun() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let photos = "\(fixture.set.path)/train"
      let run = try EvaluationDataTests.train(fixture, "run", on: photos)
      func find(_ path: String? = nil, _ split: EvaluationData.Split? = nil) throws -> Found {
        try EvaluationDataTests.find(run, path, split)
      }
      let state = try SavedCheckpoint(path: "\(run)/checkpoints/last").state(TrainState.self)
      #expect(state.data.train.numSamples == 35 && state.data.validation.numSamples == 9)
      #expect(state.data.path == photos && state.data.ownSplit?.seed == 3)
      let validation = Found(split: .validation, count: 9, numTrainedOn: 0)
      #expect(try find() == validation && find(photos) == validation)
      #expect(try find(nil, .train) == Found(split: .train, count: 35, numTrainedOn: 35))
      #expect(try find(nil, .all) == Found(split: .all, count: 44, numTrainedOn: 35))
      let copy = "\(fixture.folder)/copy"
      try FileManager.default.copyItem(atPath: photos, toPath: copy)
      #expect(try find(copy) == validation)
      // Scores are those of the run.
      let trained = try Pretrained.model(at: run)
      let images = try EvaluationData(nil, split: nil, for: trained)
      let before = try RunData(fixture.options("x") { $0.data.path = photos }.data, seed: 3)
      #expect(
        (0..<9).map { images.source.name(at: $0) } == (0..<9).map { before.validation.name(at: $0) })

      // Links to two images that were trained on, and to one that was not.
      let other = "\(fixture.folder)/other"
      let names = [before.train.name(at: 0), before.train.name(at: 34), before.validation.name(at: 0)]
      for (number, name) in names.enumerated() {
        let folder = "\(other)/\(name.split(separator: "/")[0])"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/link-\(number).png", withDestinationPath: "\(photos)/\(name)")
      }
      #expect(try find(other, .all) == Found(split: .all, count: 3, numTrainedOn: 2))

      // One image more, and nobody knows which were split off.
      try FileManager.default.copyItem(atPath: "\(photos)/class0/1000.png", toPath: "\(photos)/class0/new.png")
      for split in [nil, .validation, .train] as [EvaluationData.Split?] {
        let error = #expect(throws: EvaluationDataError.self) { try find(nil, split) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("44 images") && "\(error!)".contains("--split all"))
      }
      #expect(try find(nil, .all) == Found(split: .all, count: 45, numTrainedOn: nil))
    }
  }

  /// The same over TFRecord shards.
  @Test func shards() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func pack(_ name: String, _ part: String) throws -> String {
        var options = ShardOptions()
        options.shards = .fixed(train: 3, validation: 2)
        let out = "\(fixture.folder)/\(name)"
        try ShardPacking.pack(BytePath("\(fixture.set.path)\(part)"), to: BytePath(out), options: options)
        return out
      }
      let whole = try EvaluationDataTests.train(fixture, "whole", on: pack("shards", ""))
      #expect(try EvaluationDataTests.find(whole) == Found(split: .validation, count: 14, numTrainedOn: 0))
      #expect(try EvaluationDataTests.find(whole, nil, .all) == Found(split: .all, count: 58, numTrainedOn: 44))
      // The folder that was packed is not known to be the same images.
      #expect(
        try EvaluationDataTests.find(whole, fixture.set.path)
          == Found(split: .validation, count: 14, numTrainedOn: nil))
      let split = try EvaluationDataTests.train(fixture, "split", on: pack("train-only", "/train"))
      #expect(try EvaluationDataTests.find(split) == Found(split: .validation, count: 9, numTrainedOn: 0))
      #expect(try EvaluationDataTests.find(split, nil, .train) == Found(split: .train, count: 35, numTrainedOn: 35))
    }
  }

  /// A bare file knows neither images nor classes.
  @Test func aBareFile() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let run = try EvaluationDataTests.train(fixture, "run", on: fixture.set.path)
      let trained = try Pretrained.model(at: run)
      let bare = Pretrained.Model(
        model: trained.model, description: trained.description, weights: .file, path: "x.safetensors",
        matmulBackend: nil,
        data: nil)
      #expect(throws: EvaluationDataError.needsData("x.safetensors")) { try EvaluationData(nil, split: nil, for: bare) }
      let images = try EvaluationData(fixture.set.path, split: nil, for: bare)
      #expect(images.split == .validation && images.source.count == 14 && images.numTrainedOn == nil)
      #expect(try EvaluationData(fixture.set.path, split: .all, for: bare).source.count == 58)
    }
  }
}
