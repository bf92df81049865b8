import Foundation
import Recipes
import Settings
import Testing
import VisionModels

/// Resuming as a user types it.
struct ResumeCommandTests {
  private func run(_ scratch: Scratch, _ arguments: [String]) throws -> Tool.Outcome {
    try Tool.run(arguments, in: scratch.path)
  }

  private func settings(_ scratch: Scratch, _ file: String = "config.yaml") throws -> RunOptions {
    try OptionsLoader.load(RunOptions.self, path: "\(scratch.path)/my run/\(file)")
  }

  @Test func aRunKeepsItsSettings() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let first = try run(
      scratch, ["train", "--data", "data", "--out", "my run"] + TinyData.settings + ["--set", "training.max_steps=6"])
    #expect(first.code == 0, "\(first.errors)")
    let config = try scratch.text("my run/config.yaml")

    // Nothing left to do: said, with the command that trains on; nothing is written over.
    for arguments in [
      ["resume", "my run"], ["train", "--resume", "my run"],
      ["train", "--data", "data", "--out", "my run", "--resume", "auto"],
    ] {
      let outcome = try run(scratch, arguments)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "the run is finished: its 6 steps are made; to train longer: vitrail resume 'my run' --set training.max_steps=12"
        ), "\(outcome.errors)")
      #expect(try scratch.text("my run/config.yaml") == config)
      #expect(!scratch.exists("my run/config-0001.yaml"))
    }

    // A change is shown and kept; a rehearsal only shows it.
    let rehearsed = try run(
      scratch, ["resume", "my run", "--set", "training.max_steps=9", "--dry-run", "--matmul-backend", "auto"])
    #expect(rehearsed.code == 0 && rehearsed.errors.contains("training.max_steps: 6 -> 9"), "\(rehearsed.errors)")
    #expect(rehearsed.errors.contains(#"matmul_backend: "native" -> "auto""#), "\(rehearsed.errors)")
    #expect(try scratch.text("my run/config.yaml") == config)
    let longer = try run(scratch, ["resume", "my run", "--set", "training.max_steps=9"])
    #expect(longer.code == 0 && longer.errors.contains("training.max_steps: 6 -> 9"), "\(longer.errors)")
    #expect(longer.errors.contains("completed at step 9"))
    #expect(try scratch.text("my run/config-0001.yaml") == config)
    #expect(try settings(scratch).training.maxSteps == 9 && settings(scratch).model.embedDim == 16)

    // A recipe changes what it writes, and nothing else.
    try scratch.write(Array("data: {path: data}\ntraining: {max_steps: 11}\nout: my run\n".utf8), "recipe.yaml")
    let byRecipe = try run(scratch, ["train", "--config", "recipe.yaml", "--resume", "auto"])
    #expect(byRecipe.code == 0 && byRecipe.errors.contains("training.max_steps: 9 -> 11"), "\(byRecipe.errors)")
    #expect(try settings(scratch).model.embedDim == 16 && settings(scratch, "config-0002.yaml").training.maxSteps == 9)

    // From elsewhere, where the relative path of the images leads nowhere; and after a move.
    try FileManager.default.moveItem(atPath: "\(scratch.path)/my run", toPath: "\(scratch.path)/moved")
    let elsewhere = try Scratch()
    let moved = try run(elsewhere, ["resume", "\(scratch.path)/moved", "--set", "training.max_steps=12"])
    #expect(moved.code == 0 && moved.errors.contains("completed at step 12"), "\(moved.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path).sorted() == [])
  }

  @Test func refusalsNameTheWholeCommand() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let train = ["train", "--data", "data", "--out", "my run"] + TinyData.settings + ["--set", "training.max_steps=1"]
    #expect(try run(scratch, train).code == 0)
    for more in [[], ["--dry-run"]] {
      let refused = try run(scratch, train + more)
      #expect(refused.code == 2 && refused.output.isEmpty)
      #expect(refused.errors.contains("resume its run with `vitrail resume 'my run'`"), "\(refused.errors)")
    }
    let nowhere = try run(scratch, ["resume", "nowhere"])
    #expect(nowhere.code == 2 && nowhere.errorLines.count == 1 && nowhere.errors.contains("'nowhere'"))
    let noRun = try run(scratch, ["resume", "data"])
    #expect(noRun.code == 2 && noRun.errorLines.count == 1 && noRun.errors.contains("there is no checkpoint in data"))
    let wrong = try run(scratch, ["resume", "my run", "--set", "training.epoch=3"])
    #expect(wrong.code == 2 && wrong.errors.contains("'epochs'"))
  }

  /// Damage is named, also where only what went wrong should be said.
  @Test func damageIsNamed() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let train = ["train", "--data", "data", "--out", "my run", "--quiet"] + TinyData.settings
    #expect(try run(scratch, train + ["--set", "training.max_steps=9", "--set", "checkpoint.every_steps=1"]).code == 0)
    let last = URL(fileURLWithPath: "\(scratch.path)/my run/checkpoints/last").resolvingSymlinksInPath()
    let file = last.appendingPathComponent("optimizer.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: file)
    let resumed = try run(scratch, ["resume", "my run", "--quiet"])
    #expect(resumed.code == 0 && resumed.errorLines.count == 1, "\(resumed.errors)")
    #expect(resumed.errors.contains("\(last.lastPathComponent)/optimizer.safetensors is damaged: its checksum is"))
    #expect(
      try scratch.text("my run/metrics.jsonl").split(separator: "\n").contains {
        $0.contains("\"event\":\"warning\"") && $0.contains("optimizer.safetensors is damaged")
      })
    let best = URL(fileURLWithPath: "\(scratch.path)/my run/checkpoints/best").resolvingSymlinksInPath()
    bytes = try Data(contentsOf: best.appendingPathComponent("model.safetensors"))
    bytes[bytes.count - 5] ^= 1
    try bytes.write(to: best.appendingPathComponent("model.safetensors"))
    for command in [["evaluate"], ["predict", "data/dark/1.png"]] {
      let outcome = try run(scratch, command + ["--checkpoint", "my run", "--quiet"])
      #expect(outcome.code == 0 && outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("\(best.lastPathComponent)/model.safetensors is damaged"))
      let alone = try run(scratch, command + ["--checkpoint", best.path, "--quiet"])
      #expect(alone.code == 1 && alone.output.isEmpty && alone.errorLines.count == 1)
    }
  }
}
