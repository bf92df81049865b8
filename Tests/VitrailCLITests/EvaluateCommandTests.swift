import Foundation
import Testing
import Torch

struct EvaluateCommandTests {
  @Test func jsonCountsEachImageOnce() throws {
    let trained = try TrainedRun.shared()
    let outcome = try Tool.run(
      ["evaluate", "--checkpoint", trained.run, "--split", "all", "--format", "json", "--batch-size", "3"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try #require(outcome.json() as? [String: Any])
    let scored = try #require(report["data"] as? [String: Any])
    #expect(scored["path"] as? String == trained.data && scored["split"] as? String == "all")
    #expect(scored["images"] as? Int == 20 && scored["trained_on"] as? Int == 16)
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
    #expect(outcome.output.hasPrefix("4 images: loss "))
    #expect(
      outcome.output.contains("scored: validation split of \(trained.data); the model was not trained on them\n"))
    for part in ["top-1", "precision", "recall", "dark", "light"] { #expect(outcome.output.contains(part)) }
  }

  /// What the run said of its best epoch, from whatever folder, with and without --data.
  @Test func theRunsOwnSplitIsScored() throws {
    let trained = try TrainedRun.shared()
    let records = try trained.scratch.text("run/metrics.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let best = try #require(records.last?["best_top1"] as? Double)
    let loss = try #require(records.last?["best_loss"] as? Double)
    for data in [[], ["--data", trained.data], ["--split", "validation"]] {
      let outcome = try Tool.run(["evaluate", "--checkpoint", trained.run, "--format", "json"] + data)
      let report = try #require(outcome.json() as? [String: Any])
      #expect(report["samples"] as? Int == 4 && report["top1"] as? Double == best)
      #expect(abs((report["loss"] as? Double ?? .nan) - loss) < 1e-5)
      let scored = try #require(report["data"] as? [String: Any])
      #expect(scored["split"] as? String == "validation" && scored["trained_on"] as? Int == 0)
    }
    let train = try Tool.run(["evaluate", "--checkpoint", trained.run, "--split", "train"])
    #expect(train.output.contains("scored: train split of \(trained.data); the model was trained on them\n"))
    let none = try Tool.run(["evaluate", "--checkpoint", trained.run, "--split", "test"])
    #expect(none.code == 2 && none.errors.contains("has no test split"), "\(none.errors)")
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

  /// Three ranks for two batches; the first alone speaks.
  @Test(arguments: ["json", "text"]) func ranksGiveTheResultOfOneProcess(_ format: String) throws {
    let trained = try TrainedRun.shared()
    let scratch = try Scratch()
    try TinyData.write(to: scratch, folder: "data", count: 3)
    try scratch.write(Array("no image".utf8), "data/light/broken.png")
    let arguments = [
      "evaluate", "--checkpoint", trained.run, "--data", "\(scratch.path)/data", "--format", format, "--batch-size",
      "4",
      "--threads", "1",
    ]
    func lines(_ text: String) -> [Substring] {
      text.replacing(/\ \([0-9.]+ s\)/, with: "").replacing("[rank 0] ", with: "").split(separator: "\n")
        .filter { !$0.contains("\"seconds\"") }
    }
    let alone = try Tool.run(arguments)
    let ranks = try Tool.run(["launch", "--nproc-per-node", "3", "--"] + arguments)
    #expect(alone.code == 0 && ranks.code == 0, "\(ranks.errors)")
    #expect(lines(alone.output).count > 5 && lines(ranks.output) == lines(alone.output))
    let spoken = ranks.errorLines.filter { $0.hasPrefix("[rank ") }
    #expect(spoken.allSatisfy { $0.hasPrefix("[rank 0] ") } && spoken.count { $0.contains("broken.png") } == 1)
  }

  /// A rank that fails ends the other, each with one line.
  @Test func aRankThatFailsEndsAll() throws {
    let trained = try TrainedRun.shared()
    let port = try RendezvousStore.tcp(host: "127.0.0.1", port: 0, isServer: true, timeout: 5).port
    let ranks = try [trained.run, "\(trained.run)/none"].enumerated().map { rank, checkpoint in
      try Tool.Started([
        "evaluate", "--checkpoint", checkpoint, "--rank", "\(rank)", "--world-size", "2", "--master-addr", "127.0.0.1",
        "--master-port", "\(port)", "--timeout", "20", "--quiet",
      ])
    }
    let outcomes = ranks.map { $0.wait() }
    #expect(outcomes.map(\.code) == [2, 2])
    #expect(outcomes.allSatisfy { $0.errorLines.count == 1 && $0.output.isEmpty })
    #expect(outcomes[0].errors.hasPrefix("vitrail: rank 1 ended: "), "\(outcomes[0].errors)")
    #expect(outcomes[1].errors.contains("run/none"), "\(outcomes[1].errors)")
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
