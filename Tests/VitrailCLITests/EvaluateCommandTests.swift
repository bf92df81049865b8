import Foundation
import Testing

struct EvaluateCommandTests {
  @Test func jsonCountsEachImageOnce() throws {
    let trained = try TrainedRun.shared()
    let outcome = try Tool.run(
      ["evaluate", "--checkpoint", trained.run, "--data", trained.data, "--format", "json", "--batch-size", "3"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try #require(outcome.json() as? [String: Any])
    #expect(report["samples"] as? Int == 20)
    #expect(report["bad_samples"] as? Int == 0)
    #expect(report["top5"] as? Double == 100)
    let loss = try #require(report["loss"] as? Double)
    #expect(loss > 0 && loss < 1)
    let rows = try #require(report["confusion"] as? [[Int]])
    #expect(rows.map { $0.reduce(0, +) } == [10, 10])
    let top1 = try #require(report["top1"] as? Double)
    #expect(abs(top1 - 100 * Double(rows[0][0] + rows[1][1]) / 20) < 1e-9)
    let classes = try #require(report["classes"] as? [[String: Any]])
    #expect(classes.map { $0["class"] as? String } == ["dark", "light"])
    #expect(classes.map { $0["support"] as? Int } == [10, 10])
  }

  @Test func textIsForPeople() throws {
    let trained = try TrainedRun.shared()
    let outcome = try Tool.run(["evaluate", "--checkpoint", trained.run, "--data", trained.data, "--quiet"])
    #expect(outcome.code == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("20 images: loss "))
    for part in ["top-1", "precision", "recall", "dark", "light"] { #expect(outcome.output.contains(part)) }
  }

  @Test func aBadImageIsNamedAndCounted() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data", count: 3)
    try scratch.write(Array("no image".utf8), "data/dark/broken.png")
    let outcome = try Tool.run(
      ["evaluate", "--checkpoint", trained.run, "--data", "data", "--format", "json"], in: scratch.path)
    #expect(outcome.code == 0)
    let report = try #require(outcome.json() as? [String: Any])
    #expect(report["samples"] as? Int == 6)
    #expect(report["bad_samples"] as? Int == 1)
    #expect(outcome.errors.contains("dark/broken.png"))
  }

  @Test func anUnknownClassIsRefused() throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data", numClasses: 3, count: 2)
    let outcome = try Tool.run(["evaluate", "--checkpoint", trained.run, "--data", "data"], in: scratch.path)
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("'middle'"))
  }
}
