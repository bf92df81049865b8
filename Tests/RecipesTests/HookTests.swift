import Checkpoint
import TestSupport
import Testing
import Training

@testable import Recipes

/// What a hook of one's own sees.
@Suite struct HookTests {
  private static func name(_ event: TrainingEvent) -> String {
    switch event {
    case .start: "start"
    case .epochStart(let start): "epoch \(start.epoch) from step \(start.step)"
    case .stepStart(let step): "step \(step) starts"
    case .step(let step): "step \(step.step)"
    case .evaluationStart(let start): "evaluation of \(start.numSamples) at step \(start.step) of epoch \(start.epoch)"
    case .evaluation(let report, let step, let epoch):
      "evaluated \(report.numSamples) at step \(step) of epoch \(epoch)"
    case .epoch(let epoch): "epoch \(epoch.epoch) over"
    case .saved(let checkpoint, _): "saved \(checkpoint.step)"
    case .warning: "warning"
    case .end: "end"
    }
  }

  @Test func everyEventInItsOrder() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 20)
      var names: [String] = []
      let hook = EventHook { event in
        names.append(HookTests.name(event))
        return .goOn
      }
      let options = fixture.options("run") {
        $0.training.evaluateEveryEpochs = 2
        $0.checkpoint.everySteps = nil
        // Otherwise a save is told of a little later.
        $0.checkpoint.asynchronous = false
      }
      try fixture.train(options, hooks: [hook])
      #expect(
        names == [
          "start", "epoch 1 from step 0", "step 1 starts", "step 2 starts", "step 1", "step 3 starts", "step 2",
          "step 3",
          "epoch 1 over", "saved 3", "epoch 2 from step 3", "step 4 starts", "step 5 starts", "step 4", "step 6 starts",
          "step 5", "step 6", "evaluation of 14 at step 6 of epoch 2",
          "evaluated 14 at step 6 of epoch 2",
          "epoch 2 over", "saved 6", "end",
        ])
    }
  }

  /// A hook that stops after an evaluation: the epoch's end is saved, and the run can go on.
  @Test func aHookCanStop() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let hook = EventHook { event in
        if case .evaluation = event { return .stop(reason: "enough") }
        return .goOn
      }
      let options = fixture.options("run")
      let end = try fixture.train(options, hooks: [hook])
      #expect(end.status == .interrupted("enough") && end.step == 6)
      #expect(try fixture.train(options, resuming: true).status == .completed)
      try fixture.train(fixture.options("whole"))
      try expectSame(options.out, RunTrace("\(fixture.folder)/whole"))
    }
  }

  /// A save that is due at the last step of an epoch, or of the run, comes once, behind the epoch's evaluation.
  @Test func savesThatAreDueAtTheEndOfAnEpoch() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture(numTrain: 20)
      func saves(_ name: String, _ change: (inout RunOptions) -> Void) throws -> [Int] {
        var steps: [Int] = []
        let hook = EventHook { event in
          if case .saved(let checkpoint, _) = event { steps.append(checkpoint.step) }
          return .goOn
        }
        let options = fixture.options(name) {
          $0.training.epochs = 4
          $0.training.evaluateEveryEpochs = 50
          $0.checkpoint.everyEpochs = 50
          change(&$0)
        }
        try fixture.train(options, hooks: [hook])
        return steps
      }
      // Three steps an epoch.
      #expect(try saves("ends") { $0.checkpoint.everySteps = 3 } == [3, 6, 9, 12])
      #expect(try saves("within") { $0.checkpoint.everySteps = 2 } == [2, 4, 6, 8, 10, 12])
      #expect(
        try saves("cut") {
          $0.checkpoint.everySteps = 2
          $0.training.maxSteps = 4
        } == [2, 4])
    }
  }
}
