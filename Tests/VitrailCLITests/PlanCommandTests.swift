import Foundation
import Testing

/// `vitrail plan`
struct PlanCommandTests {
  private static let recipe = """
    data: {path: none-yet, batch_size: 256}
    model: {name: vit_base_patch16_224}
    precision: bfloat16
    training: {epochs: 300, accumulation: 4}
    """
  private static let large = ["--samples", "1281167", "--world-size", "32", "--device-name", "a100"]

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(Array(Self.recipe.utf8), "a.yaml")
    return scratch
  }

  private func plan(_ arguments: [String], in scratch: Scratch) throws -> Tool.Outcome {
    try Tool.run(["plan", "--config", "a.yaml"] + arguments, in: scratch.path)
  }

  @Test func textHasAlignedColumns() throws {
    let scratch = try scratch()
    let outcome = try plan(Self.large + ["--zero", "1", "--network", "200Gb/s", "--latency", "5us"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    for part in [
      "86,567,656 parameters", "32,768 images: 32 ranks with 4 batches of 256", "40 steps an epoch of 1,281,167 images",
      "12,000 steps in 300 epochs", "ZeRO 1 *", "fits 80.000", "reduce scatter", "at 30 % of 312 TFLOP/s",
    ] {
      #expect(outcome.output.contains(part), "\(part)")
    }
    // The columns of numbers end at one place.
    let rows = outcome.outputLines.filter {
      $0.hasPrefix("weights") || $0.hasPrefix("gradients") || $0.hasPrefix("all ")
    }
    #expect(Set(rows.prefix(2).map(\.count)).count == 1)
    #expect(rows.count >= 3)
    #expect(outcome.outputLines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test func jsonHasStableKeys() throws {
    let scratch = try scratch()
    let outcome = try plan(Self.large + ["--network", "25GB/s", "--format", "json"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let plan = try #require(outcome.json() as? [String: Any])
    #expect(Set(plan.keys) == ["model", "settings", "run", "memory", "communication", "time", "advice"])
    let memory = try #require(plan["memory"] as? [String: Any])
    let stages = try #require(memory["stages"] as? [[String: Any]])
    #expect(stages.compactMap { $0["zero"] as? Int } == [0, 1, 2, 3])
    let components = try #require(stages[0]["components"] as? [String: Int])
    #expect(components["weights"] == 4 * 86_567_656)
    #expect(components["optimizer_state"] == 8 * 86_567_656)
    #expect(components.values.reduce(0, +) - (stages[0]["bytes"] as? Int ?? 0) < 12)
    let run = try #require(plan["run"] as? [String: Any])
    #expect(run["global_batch"] as? Int == 32_768)
    #expect(run["steps"] as? Int == 12_000)
    let communication = try #require(plan["communication"] as? [[String: Any]])
    // The ring's 2 (R - 1) / R n, and the 77.5 bytes of the decision.
    #expect(communication[0]["bytes_sent_per_step"] as? Int == 4 * 86_567_656 * 62 / 32 + 78)
    let time = try #require(plan["time"] as? [String: Any])
    let (with, without) = (
      time["step_seconds_with_overlap"] as? Double, time["step_seconds_without_overlap"] as? Double
    )
    #expect(try #require(with) < #require(without))
  }

  @Test func imagesOfTheFolderAreCounted() throws {
    let scratch = try scratch()
    try TinyData.write(to: scratch, folder: "data", numClasses: 3)
    let outcome = try plan(["--set", "data.path=data", "--format", "json"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let found = try #require(outcome.json() as? [String: Any])
    // Four fifths of thirty.
    #expect((found["run"] as? [String: Any])?["images"] as? Int == 24)
    #expect((found["model"] as? [String: Any])?["classes"] as? Int == 3)
    #expect(found["time"] is NSNull)
    let said = try plan(
      ["--set", "data.path=data", "--samples", "1000", "--num-classes", "7", "--format", "json"], in: scratch)
    let other = try #require(said.json() as? [String: Any])
    #expect((other["run"] as? [String: Any])?["images"] as? Int == 1000)
    #expect((other["model"] as? [String: Any])?["classes"] as? Int == 7)
  }

  @Test func theSettingOfARunIsTheFlag() throws {
    let scratch = try scratch()
    let (kept, again) = (
      try plan(Self.large, in: scratch), try plan(Self.large + ["--checkpoint-activations"], in: scratch)
    )
    let set = try plan(Self.large + ["--set", "training.activation_checkpointing=true"], in: scratch)
    #expect(again.code == 0 && set.code == 0, "\(set.errors)")
    #expect(set.output == again.output && set.output != kept.output)
  }

  @Test func whatDoesNotFitIsAnsweredWithAdvice() throws {
    let scratch = try scratch()
    let outcome = try plan(["--samples", "1000000", "--gpu-memory", "16GB"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("does not fit; one change alone"))
    let line = try #require(outcome.outputLines.first { $0.hasPrefix("--set data.batch_size=") })
    #expect(line.contains(" yes "))
    // Taken, it fits.
    let taken = line.split(separator: " ").prefix(4).map(String.init)
    let again = try plan(["--samples", "1000000", "--gpu-memory", "16GB"] + taken, in: scratch)
    #expect(again.code == 0)
    #expect(!again.output.contains("does not fit"))
    #expect(again.output.contains("1,024 images: 1 rank with"))
  }

  @Test func thePictureIsWritten() throws {
    let scratch = try scratch()
    let outcome = try plan(Self.large + ["--network", "200Gb/s", "--svg", "plan.svg"], in: scratch)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let svg = try scratch.text("plan.svg")
    #expect(svg.hasSuffix("</svg>\n"))
    #expect(svg.components(separatedBy: "class=\"activations\"").count == 5)
    #expect(svg.components(separatedBy: "class=\"limit\"").count == 2)
    #expect(svg.components(separatedBy: "class=\"time\"").count == 5)
    let lost = try plan(Self.large + ["--svg", "none/plan.svg"], in: scratch)
    #expect(lost.code == 1)
    #expect(lost.errorLines.count == 1)
  }

  @Test(arguments: [
    ["--samples", "1000", "--gpu-memory", "80"], ["--samples", "1000", "--gpu-memory", "80gb"],
    ["--samples", "1000", "--network", "200"], ["--samples", "1000", "--latency", "5us"],
    ["--samples", "1000", "--network", "200Gb/s", "--latency", "5"], ["--samples", "1000", "--gpu-flops", "fast"],
    ["--samples", "1000", "--device-name", "h1000"], ["--samples", "1000", "--zero", "4"],
    ["--samples", "1000", "--zero=-1"], ["--samples", "1000", "--world-size", "0"], ["--samples", "0"],
    ["--samples", "1000", "--utilization", "0"], ["--samples", "1000", "--utilization", "nan"],
    ["--samples", "1000", "--num-classes", "0"], ["--samples", "1000", "--svg", "plan.png"], [],
    ["--samples", "1000", "--set", "training.epochs=0"],
    ["--samples", "10", "--set", "training.accumulation_tail=drop"], ["--samples", "1000", "--device-name", "t4"],
  ]) func mistakesAreOneLineAndCodeTwo(arguments: [String]) throws {
    let outcome = try plan(arguments, in: scratch())
    #expect(outcome.code == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
  }

  @Test func aRecipeIsNeeded() throws {
    let outcome = try Tool.run(["plan", "--samples", "10"])
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("--config"))
  }
}
