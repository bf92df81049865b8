import Foundation
import Recipes
import Settings
import Testing
import VisionModels

struct TrainCommandTests {
  @Test func aRunLeavesWhatItSays() throws {
    let trained = try TrainedRun.shared()
    #expect(trained.outcome.code == 0, "\(trained.outcome.errors)")
    for name in ["config.yaml", "metrics.jsonl", "events", "checkpoints/best/state.json", "checkpoints/last"] {
      #expect(trained.scratch.exists("run/\(name)"))
    }
    #expect(trained.outcome.output.contains("best checkpoint: \(trained.run)/checkpoints/best"))
    #expect(trained.outcome.output.contains("val top-1"))
    #expect(trained.outcome.errors.contains("its images are split 4:1 by seed 0, 16 to train on and 4 to evaluate on"))
    // The table and the paths are results; the course of the run is not.
    #expect(!trained.outcome.output.contains("split"))
    #expect(!trained.outcome.errors.contains("best checkpoint"))
  }

  @Test func quietLeavesTheResults() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(
      ["train", "--data", "data", "--quiet"] + TinyData.settings + ["--set", "training.epochs=1"], in: scratch.path)
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("best checkpoint: runs/data/checkpoints/best"))
  }

  @Test func aDryRunWritesNothing() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(["train", "--data", "data", "--dry-run"] + TinyData.settings, in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!scratch.exists("runs"))
    #expect(outcome.output.contains("# data: 16 images to train on, 4 to evaluate on"))
    #expect(outcome.output.contains("# steps: 4 an epoch, 16 in all"))
    #expect(outcome.output.contains("loss finite"))
    let resolved = try OptionsLoader.load(RunOptions.self, yaml: outcome.output)
    #expect(resolved.data.path == "data")
    #expect(resolved.out == "runs/data")
    #expect(resolved.model.embedDim == 16)
  }

  @Test func aHeadThatDoesNotFitIsReplaced() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data", numClasses: 3)
    let outcome = try Tool.run(
      ["train", "--data", "data", "--init", trained.run, "--out", "run"] + TinyData.settings
        + ["--set", "training.epochs=1"], in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.errorLines.filter { $0.contains("head") }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("2 classes, the model has 3") == true)
    let predicted = try Tool.run(
      ["predict", "--checkpoint", "run", "data/middle/1.png", "--format", "json"], in: scratch.path)
    let list = try #require(predicted.json() as? [[String: Any]])
    #expect((list.first?["logits"] as? [Double])?.count == 3)
  }

  @Test func aFlagOfItsOwnGivesWayToSet() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(
      ["train", "--data", "data", "--dry-run", "--out", "one"] + TinyData.settings + ["--set", "out=two"],
      in: scratch.path)
    #expect(try OptionsLoader.load(RunOptions.self, yaml: outcome.output).out == "two")
  }

  @Test func adviceNamesRealSettings() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    try scratch.write(Array("no image".utf8), "data/dark/broken.png")
    let run = ["train", "--data", "data", "--out", "run"] + TinyData.settings
    let refused = try Tool.run(run, in: scratch.path)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("broken.png"))
    #expect(refused.errors.contains("raise data.maximum_bad_fraction"))
    let stopped = try Tool.run(run + ["--set", "data.on_error=stop"], in: scratch.path)
    #expect(stopped.code == 1)
    #expect(stopped.errors.contains("data.on_error"))
    let allowed = try Tool.run(
      run + ["--set", "data.maximum_bad_fraction=0.5", "--set", "training.epochs=1"], in: scratch.path)
    #expect(allowed.code == 0, "\(allowed.errors)")
    #expect(allowed.errors.contains("dark/broken.png is left out"))
    #expect(scratch.exists("run/bad_samples.jsonl"))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalSavesAndEnds(signal: Int32, code: Int32) throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let started = try Tool.Started(
      ["train", "--data", "data", "--out", "run"] + TinyData.settings + ["--set", "training.epochs=100000"],
      in: scratch.path)
    for _ in 0..<600 where started.process.isRunning {
      if (try? scratch.text("run/metrics.jsonl"))?.contains("\"step\"") == true { break }
      usleep(100_000)
    }
    kill(started.process.processIdentifier, signal)
    let outcome = started.wait()
    #expect(!outcome.wasSignalled)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains("state saved; resume with: vitrail resume run\n"), "\(outcome.errors)")
    #expect(scratch.exists("run/checkpoints/last/state.json"))
  }
}
