import Checkpoint
import Foundation
import Optim
import TestSupport
import Testing
import Training

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
      let options = fixture.options("run") {
        $0.checkpoint.keep = 20
        $0.training.epochs = 3
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
      if best.step < end.step { #expect(try fixture.train(options, resuming: true).best == nil) }
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
        { $0.model.depth = 1 }, { $0.data.batchSize = 4 }, { $0.training.ema = .init() },
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
      func refuses(_ file: String, _ change: (inout Data) throws -> Void) throws {
        let url = URL(fileURLWithPath: "\(last)/\(file)").resolvingSymlinksInPath()
        let whole = try Data(contentsOf: url)
        var data = whole
        try change(&data)
        try data.write(to: url)
        #expect(throws: (any Error).self) { try fixture.train(options, resuming: true) }
        try whole.write(to: url)
      }
      // A state that the generator cannot have, of the right size; the numbers of the loader; a file cut short.
      try refuses("rng.safetensors") { data in
        // The place within the generator's numbers, which must lie within them.
        for index in data.count - 5048..<data.count - 5032 { data[index] = 0xff }
      }
      for (old, new) in [("\"next_batch\" : 3", "\"next_batch\" : 9"), ("\"format\" : 1", "\"format\" : 2")] {
        try refuses("state.json") { data in
          let text = String(decoding: data, as: UTF8.self)
          #expect(text.contains(old))
          data = Data(text.replacingOccurrences(of: old, with: new).utf8)
        }
      }
      try refuses("optimizer.safetensors") { $0.removeLast() }
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
}
