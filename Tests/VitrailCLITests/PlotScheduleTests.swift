import Foundation
import Testing

/// `vitrail train --plot-schedule`
struct PlotScheduleTests {
  @Test func drawsAndTrainsNothing() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(
      ["train", "--data", "data", "--plot-schedule", "out.svg", "--set", "schedule.warmup_epochs=1"]
        + TinyData.settings, in: scratch.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("out.svg"))
    #expect(!scratch.exists("runs"))
    let svg = try scratch.text("out.svg")
    // Four epochs of four steps.
    #expect(svg.contains("end: 16 steps") && svg.contains("warm-up: 4 steps"))
    #expect(svg.hasSuffix("</svg>\n"))
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data")
    let outcome = try Tool.run(
      ["train", "--data", "data", "--plot-schedule", "none/out.svg", "--quiet"] + TinyData.settings, in: scratch.path)
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("none/out.svg"))
  }
}
