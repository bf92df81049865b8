import Checkpoint
import Foundation
import NN
import Optim
import TestSupport
import Testing
import Torch
import Training

@testable import Recipes

/// A loss that is no number ends the run before it touches a weight, in memory or on disk.
@Suite struct NonFiniteTests {
  @Test func float32() async {
    await #expect(processExitsWith: .success) { try NonFiniteTests.check { $0.training.clipNorm = nil } }
  }

  @Test func float32Clipped() async {
    await #expect(processExitsWith: .success) { try NonFiniteTests.check { $0.training.clipNorm = 1 } }
  }

  @Test func bfloat16() async {
    await #expect(processExitsWith: .success) {
      try NonFiniteTests.check {
        $0.precision = .bfloat16
        $0.training.clipNorm = nil
      }
    }
  }

  /// Two steps that are none lower the factor of the loss, the third finds it at its smallest.
  @Test(.enabled(if: supportsAutocast(to: .float16, on: .cpu))) func float16() async {
    await #expect(processExitsWith: .success) {
      try NonFiniteTests.check {
        $0.precision = .float16
        $0.training.lossScale = .init()
        $0.training.lossScale?.initial = 4
      }
    }
  }

  @Test func bfloat16Clipped() async {
    await #expect(processExitsWith: .success) { try NonFiniteTests.check { $0.precision = .bfloat16 } }
  }

  /// The first step at this rate leaves finite weights, whose loss is none.
  private static func check(_ change: (inout RunOptions) -> Void) throws {
    let fixture = try RunFixture()
    let options = fixture.options("run") {
      $0.training.lr = 1e30
      $0.training.accumulation = 2
      $0.checkpoint.everySteps = 1
      $0.training.ema = .init()
      change(&$0)
    }
    var kept: [String: Data] = [:]
    var run: Run?
    func weights() -> [String: Data] {
      var found: [String: Data] = [:]
      for entry in run!.parts.task.module.stateDict.entries { entry.tensor.withBytes { found[entry.name] = Data($0) } }
      for entry in run!.parts.optimizer.state.tensors.entries {
        entry.tensor.withBytes { found[entry.name] = Data($0) }
      }
      return found
    }
    var builder = RunBuilder(options)
    builder.hooks = [
      EventHook { event in
        if case .step = event { kept = weights() }
        return .goOn
      }
    ]
    run = try builder.build()
    let error = #expect(throws: TrainingError.self) { try run!.train() }
    guard case .notFinite(let step, _, _, let files) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step >= 2 && files.count == 16)
    #expect(weights() == kept)
    let last = try CheckpointStore(folder: "\(options.out)/checkpoints").linked("last")
    #expect(last.step == step - 1)
    for entry in try last.tensors("model").entries {
      entry.tensor.withBytes { #expect(Data($0) == kept[entry.name], "\(entry.name) on disk") }
    }
    let message = "\(error!)"
    #expect(message.contains("step \(step) ") && message.contains(files[0]) && !message.contains("\n"))
    let record = try #require(try metrics(options.out).last)
    #expect(record["status"] as? String == "failed" && record["reason"] as? String == message)
    #expect(record["files"] as? [String] == files)
    for file in files { #expect(FileManager.default.fileExists(atPath: "\(fixture.set.path)/train/\(file)")) }
  }
}
