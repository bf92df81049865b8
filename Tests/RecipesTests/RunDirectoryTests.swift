import Checkpoint
import Dataset
import Foundation
import Optim
import Settings
import TestSupport
import Testing
import Torch
import Training
import VisionModels

@testable import Recipes

/// What stands in a run directory, and who may train in it.
@Suite struct RunDirectoryTests {
  @Test func aUsedFolderIsRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "a photo".write(toFile: "\(folder)/photo.jpg", atomically: true, encoding: .utf8)
    #expect(throws: TrainingError.self) { try RunDirectory.create(at: folder) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["photo.jpg"])
  }

  @Test func oneProcessAtATime() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let first = try RunDirectory.create(at: folder)
      for second in [RunDirectory.create, RunDirectory.open] {
        let error = #expect(throws: TrainingError.self) { try second(folder) }
        #expect("\(error!)".contains("another process is training in it"))
      }
      #expect(first.path == folder)
    }
    // What never trained left nothing, and can be started again.
    _ = try RunDirectory.create(at: folder)
  }

  /// A crash can come between a checkpoint and its links.
  @Test func linksAreRestored() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      // Steps that change nothing: the first evaluation stays the best.
      let options = fixture.options("run") {
        $0.checkpoint.keep = 20
        $0.training.epochs = 3
        $0.optimizer = Tagged(SGD.Options())
        $0.training.lr = 1e-30
      }
      let end = try fixture.train(options)
      let store = CheckpointStore(folder: "\(options.out)/checkpoints")
      let best = try #require(end.best)
      #expect(try store.linked("best").step == best.step && store.linked("last").step == end.step)
      let old = try #require(store.checkpoint(atStep: 2))
      try store.link("best", to: old)
      try store.link("last", to: old)
      #expect(try fixture.train(options, resuming: true).best == best)
      #expect(try store.linked("best").step == best.step && store.linked("last").step == end.step)

      // A best that is nowhere any more is forgotten, so that the next evaluation takes its place.
      try FileManager.default.removeItem(atPath: store.linked("best").path)
      #expect(best.step == 6 && end.step == 18)
      #expect(try fixture.train(options, resuming: true).best == nil)
    }
  }

  @Test func aRunGoesBack() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.checkpoint.keep = 20 }
      try fixture.train(options)
      let whole = try RunTrace(options.out)
      let store = CheckpointStore(folder: "\(options.out)/checkpoints")
      #expect(store.steps() == [2, 4, 6, 8, 10, 12])
      var builder = RunBuilder(options)
      var notes: [String] = []
      builder.note = { notes.append($0) }
      let back = try builder.resume(from: "\(options.out)/checkpoints/step-00000004")
      #expect(store.steps() == [2, 4])
      #expect(notes.contains { $0.contains("goes back to step 4") })
      #expect(try back.train().status == .completed)
      try expectSame(options.out, whole)
      #expect(store.steps() == [2, 4, 6, 8, 10, 12])

      // Into a directory of its own, a run branches off; into that of another run, it does not.
      var other = options
      other.out = "\(fixture.folder)/branch"
      #expect(try RunBuilder(other).resume(from: "\(options.out)/checkpoints/step-00000004").train().step == 12)
      #expect(try RunTrace(other.out).files["model.safetensors"] == whole.files["model.safetensors"])
      #expect(throws: TrainingError.self) { try RunBuilder(other).resume(from: options.out) }
      #expect(CheckpointStore(folder: "\(other.out)/checkpoints").steps().last == 12)
    }
  }

  @Test func anotherModelIsRefused() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.epochs = 1 }
      try fixture.train(options)
      let before = try RunTrace(options.out)
      for change: (inout RunOptions) -> Void in [
        { $0.model.depth = 1 }, { $0.data.batchSize = 4 },
        { $0.preprocessing.cropFraction = 1 },
      ] {
        var other = options
        other.training.epochs = 2
        change(&other)
        #expect(throws: (any Error).self) { try fixture.train(other, resuming: true) }
      }
      #expect(try RunTrace(options.out).files == before.files)
    }
  }

  @Test func damagedPartsAreRefused() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.checkpoint.everySteps = nil }
      try fixture.train(options, stopAtCall: 4)
      let last = "\(options.out)/checkpoints/last"
      let before = try String(contentsOfFile: "\(options.out)/metrics.jsonl", encoding: .utf8)
      func removeAllButNewest() throws { CheckpointStore(folder: "\(options.out)/checkpoints").prune(keepingNewest: 1) }
      func refuses(_ what: String, _ change: () throws -> Void) throws {
        let aside = "\(options.out)/aside"
        try FileManager.default.copyItem(atPath: "\(options.out)/checkpoints", toPath: aside)
        try change()
        #expect(throws: (any Error).self, "\(what)") { try fixture.train(options, resuming: true) }
        try FileManager.default.removeItem(atPath: "\(options.out)/checkpoints")
        try FileManager.default.moveItem(atPath: aside, toPath: "\(options.out)/checkpoints")
      }
      try refuses("place") {
        try forge(options.out) { $0.loader.nextBatch = 9 }
        try removeAllButNewest()
      }
      for file in ["state.json", "optimizer.safetensors"] {
        try refuses(file) {
          let url = URL(fileURLWithPath: "\(last)/\(file)").resolvingSymlinksInPath()
          try Data(contentsOf: url).dropLast().write(to: url)
        }
      }
      #expect(try String(contentsOfFile: "\(options.out)/metrics.jsonl", encoding: .utf8) == before)
      #expect(try fixture.train(options, resuming: true).status == .completed)
    }
  }

  /// A save that fails ends the run; what was saved before stays, and the run can go on.
  @Test func aFailedSaveLosesNothing() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole"))
      let whole = try RunTrace("\(fixture.folder)/whole")
      let options = fixture.options("failed")
      let (checkpoints, aside) = ("\(options.out)/checkpoints", "\(options.out)/aside")
      let fault = EventHook { event in
        if case .step(let report) = event, report.step == 5 {
          try FileManager.default.moveItem(atPath: checkpoints, toPath: aside)
          try Data().write(to: URL(fileURLWithPath: checkpoints))
        }
        return .goOn
      }
      let error = #expect(throws: CheckpointError.self) { try fixture.train(options, hooks: [fault]) }
      #expect(!"\(error!)".contains("\n") && "\(error!)".contains(checkpoints))
      let end = try #require(try metrics(options.out).last)
      #expect(end["event"] as? String == "run_end" && end["status"] as? String == "failed")
      try FileManager.default.removeItem(atPath: checkpoints)
      try FileManager.default.moveItem(atPath: aside, toPath: checkpoints)
      try fixture.train(options, resuming: true)
      try expectSame(options.out, whole)
    }
  }

  /// What a real run refuses, a rehearsal refuses too, and it leaves nothing behind.
  @Test func aRehearsalRefusesWhatTheRunWould() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func message(_ body: () throws -> Run) throws -> String {
        do {
          _ = try body()
          return ""
        } catch {
          return "\(error)"
        }
      }
      func same(_ options: RunOptions, says: String) throws {
        let (real, rehearsed) = (
          try message { try RunBuilder(options).build() }, try message { try RunBuilder(options).rehearse() }
        )
        #expect(real.contains(says) && rehearsed.contains(says), "\(real)\n\(rehearsed)")
      }
      let options = fixture.options("a run") { $0.training.epochs = 1 }
      #expect(try RunBuilder(options).rehearse().totalSteps == 6)
      #expect(!FileManager.default.fileExists(atPath: fixture.folder))
      try fixture.train(options)
      try same(options, says: "resume its run with `vitrail resume '\(options.out)'`, or choose another")
      #expect(try RunBuilder(options).rehearse(resuming: true).totalSteps == 6)
      var other = options
      other.out = "\(options.out)/checkpoints"
      try same(other, says: "it exists and is not empty; choose another")
      other.out = "\(options.out)/config.yaml/run"
      try same(other, says: "config.yaml")
      do {
        let held = try RunDirectory.open(at: options.out)
        #expect(try message { try RunBuilder(options).rehearse(resuming: true) }.contains("another process"))
        #expect(held.path == options.out)
      }
      other = options
      other.model.depth = 1
      #expect(try message { try RunBuilder(other).rehearse(resuming: true) }.contains("differ from the settings"))
    }
  }

  /// A run that is over says so, and what makes it longer.
  @Test func aFinishedRunSaysSo() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func notes(_ options: RunOptions) throws -> [String] {
        var builder = RunBuilder(options)
        var notes: [String] = []
        builder.note = { notes.append($0) }
        #expect(try builder.resume().train().status == .completed)
        return notes.filter { $0.contains("finished") }
      }
      let byEpochs = fixture.options("epochs")
      #expect(try notes(byEpochs) == [])
      let command = "vitrail resume \(fixture.folder)"
      #expect(
        try notes(byEpochs) == [
          "the run is finished: its 2 epochs are done; to train longer: \(command)/epochs --set training.epochs=4"
        ])
      let bySteps = fixture.options("steps") { $0.training.maxSteps = 3 }
      #expect(try notes(bySteps) == [])
      #expect(try notes(bySteps).first?.hasSuffix("\(command)/steps --set training.max_steps=6") == true)
    }
  }

  /// NaN in saved weights is said of the weights: neither the rate nor the images are to blame.
  @Test func weightsThatAreNaNAreBlamed() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run")
      try fixture.train(options, stopAtCall: 4)
      func refuses(_ says: String, _ change: @escaping (Tensor) -> Tensor) throws {
        try forge(
          options.out,
          tensors: [
            "model": { model in
              StateDict(
                model.entries.map { (name: $0.name, tensor: $0.name == "norm.bias" ? change($0.tensor) : $0.tensor) })
            }
          ])
        for body in [
          { try fixture.train(options, resuming: true) }, { _ = try Predictor(checkpoint: options.out) },
          {
            var other = fixture.options("new")
            other.model.weights = options.out
            try fixture.train(other)
          },
        ] as [() throws -> Void] {
          let error = #expect(throws: CheckpointError.self) { try body() }
          #expect("\(error!)".contains("'norm.bias'") && "\(error!)".contains(says), "\(error!)")
        }
        CheckpointStore(folder: "\(options.out)/checkpoints").removeNewer(
          than: try SavedCheckpoint(path: "\(options.out)/checkpoints/step-00000003"))
        try CheckpointStore(folder: "\(options.out)/checkpoints").link(
          "last", to: SavedCheckpoint(path: "\(options.out)/checkpoints/step-00000003"))
      }
      try refuses("NaN") { Tensor.full($0.shape, .nan) }
      try refuses("infinity") { Tensor.full($0.shape, .infinity) }
      try refuses("int64") { $0.to(.int64) }
      #expect(try fixture.train(options, resuming: true).status == .completed)
    }
  }
}
