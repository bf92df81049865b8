import Foundation
import Optim
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// What a run writes, against docs/formats.
@Suite struct MetricsTests {
  /// The page that has a heading.
  private static func page(_ heading: String) throws -> String {
    let name = ["metrics.jsonl": "metrics.md", "Checkpoints": "checkpoint.md"][heading]
    let text = String(decoding: try Fixture.data("../../docs/formats/\(try #require(name))"), as: UTF8.self)
    #expect(text.hasPrefix("# \(heading)\n"))
    return text
  }

  /// The words in code in a cell of the table row that begins with a word in code.
  private static func documented(_ name: String, cell: Int, after heading: String) throws -> Set<String> {
    let section = try page(heading)
    let row = try #require(section.split(separator: "\n").first { $0.hasPrefix("| `\(name)` |") })
    let words = row.split(separator: "|")[cell].split(separator: "`", omittingEmptySubsequences: false)
    return Set(words.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
  }

  /// The keys of the table about what an epoch was like on the machine.
  private static func documentedMachineKeys() throws -> Set<String> {
    let table = try #require(page("metrics.jsonl").components(separatedBy: "\n| key of `epoch` |").dropFirst().first)
    let rows = table.components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst(2)
    return Set(
      rows.flatMap { row in
        row.split(separator: "|")[0].split(separator: "`").filter { $0.first != " " && $0.first != "," }
      }.map(String.init))
  }

  @Test func recordsHaveTheKeysThatAreDocumented() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") { $0.training.evaluateEveryEpochs = 2 }
      let death = EventHook { event in
        if case .step(let step) = event, step.step == 9 { throw CocoaError(.featureUnsupported) }
        return .goOn
      }
      #expect(throws: CocoaError.self) { try fixture.train(options, hooks: [death]) }
      try fixture.train(options, resuming: true)
      // A start after the end knows its best.
      try fixture.train(options, resuming: true)
      var broken = fixture.options("broken") { $0.training.lr = 1e30 }
      broken.training.clipNorm = nil
      #expect(throws: TrainingError.self) { try fixture.train(broken) }
      // float16 at a factor that overflows at first, where libtorch has float16.
      let half = fixture.options("half") {
        $0.precision = .float16
        $0.training.lossScale = .init()
        $0.training.lossScale?.initial = 0x1p40
      }
      var records = try metrics(options.out) + metrics(broken.out)
      if supportsAutocast(to: .float16, on: .cpu) {
        try fixture.train(half)
        let found = try metrics(half.out)
        let steps = found.filter { $0["event"] as? String == "step" }
        let numSkipped = steps.filter { $0["skipped"] as? Bool == true }.count
        #expect(numSkipped > 0 && steps.first?["loss_scale"] as? Double == 0x1p40)
        let counted = found.compactMap { $0["skipped_steps"] as? Int }
        #expect(counted.count == 2 && counted.reduce(0, +) == numSkipped)
        records += found
      }
      for event in ["run_start", "step", "epoch", "warning", "run_end"] {
        let written = records.filter { $0["event"] as? String == event }.map { Set($0.keys) }
        var expected = try MetricsTests.documented(event, cell: 2, after: "metrics.jsonl").union(["event", "time"])
          .union(event == "epoch" ? MetricsTests.documentedMachineKeys() : [])
        if !supportsAutocast(to: .float16, on: .cpu) {
          expected.subtract(["loss_scale", "skipped", "skipped_steps"])
        }
        let found = written.reduce(into: Set<String>()) { $0.formUnion($1) }
        #expect(found.filter { !$0.hasSuffix("_nonfinite") } == expected, "\(event)")
      }
      // The parts of a step's record that readers count on.
      let step = try #require(records.first { $0["event"] as? String == "step" })
      #expect(step["step"] as? Int == 1 && step["epoch"] as? Int == 1)
      let loss = try #require(step["loss"] as? Double)
      #expect(loss.isFinite && loss != (loss * 1e6).rounded() / 1e6)
      let epochs = records.filter { $0["event"] as? String == "epoch" }
      #expect(epochs.prefix(2).map { $0["val_top1"] != nil } == [false, true])
      #expect(epochs.allSatisfy { $0["epoch_seconds"] is Double && $0["peak_memory_mb"] is Double })
    }
  }

  @Test func theMeanOfAnEpochIsThatOfItsSamples() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run")
      try fixture.train(options)
      for epoch in 1...2 {
        let records = try metrics(options.out).filter { $0["epoch"] as? Int == epoch }
        let steps = records.filter { $0["event"] as? String == "step" }
        let losses = steps.compactMap { $0["loss"] as? Double }
        let counts = steps.compactMap { $0["samples"] as? Int }
        #expect(losses.count == 6 && counts == [8, 8, 8, 8, 8, 4])
        let sum = zip(losses, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        let mean = try #require(records.first { $0["event"] as? String == "epoch" }?["train_loss"] as? Double)
        #expect(abs(mean - sum / 44) < 1e-12, "\(mean), not \(sum / 44)")
      }
    }
  }

  @Test func stateHasTheKeysThatAreDocumented() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") {
        // A folder that the run splits itself.
        $0.data.path += "/train"
        $0.training.ema = .init()
        $0.training.earlyStopping = .init()
      }
      try fixture.train(options)
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(options.out)/checkpoints/last/state.json"))
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let top = try ["crc32c", "format", "step", "files", "state"].map {
        try MetricsTests.documented($0, cell: 0, after: "Checkpoints")
      }
      #expect(Set(object.keys) == top.reduce(into: Set()) { $0.formUnion($1) })
      let state = try #require(object["state"] as? [String: Any])
      #expect(Set(state.keys) == (try MetricsTests.documented("state", cell: 1, after: "Checkpoints")))
      for part in ["loader", "best", "early_stopping", "optimizer", "runtime", "model", "data"] {
        let keys = Set(try #require(state[part] as? [String: Any]).keys)
        #expect(keys == (try MetricsTests.documented(part, cell: 1, after: "Checkpoints")), "\(part)")
      }
      let files = try #require(object["files"] as? [String: [String: Any]])
      #expect(files.values.allSatisfy { $0["bytes"] is Int && ($0["crc32c"] as? String)?.count == 8 })
      #expect(files.keys.sorted() == ["ema.safetensors", "model.safetensors", "optimizer.safetensors"])
    }
  }
}
