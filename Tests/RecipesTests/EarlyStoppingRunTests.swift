import Checkpoint
import Foundation
import TestSupport
import Testing
import Training

@testable import Recipes

/// Early stopping in whole runs.
@Suite struct EarlyStoppingRunTests {
  /// Nothing improves by half: the first evaluation is the best, and three more end the run.
  private static func stalling(_ options: inout RunOptions) {
    options.training.epochs = 9
    options.training.lr = 1e-7
    options.training.earlyStopping = .init()
    options.training.earlyStopping?.patience = 3
    options.training.earlyStopping?.minimumDelta = 0.5
  }

  private static func epochs(_ run: String) throws -> [Int] {
    try metrics(run).filter { $0["event"] as? String == "epoch" }.compactMap { $0["epoch"] as? Int }
  }

  @Test func itEndsTheRunAsCompleted() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run", EarlyStoppingRunTests.stalling)
      let end = try fixture.train(options)
      #expect(end.status == .completed && end.epoch == 4 && end.step == 24)
      #expect(end.earlyStop?.hasPrefix("early stopping: val_loss has not improved on") == true)
      #expect(end.earlyStop?.hasSuffix("of epoch 1 for 3 evaluations") == true)
      #expect(try EarlyStoppingRunTests.epochs(options.out) == [1, 2, 3, 4])
      let last = try #require(try metrics(options.out).last)
      #expect(last["status"] as? String == "completed" && last["reason"] as? String == end.earlyStop)
      // The best of all evaluations stays, whatever early stopping counts as better.
      let losses = try metrics(options.out).compactMap { $0["val_loss"] as? Double }
      let best = try #require(end.best)
      #expect(losses[best.epoch - 1] == best.loss)
    }
  }

  @Test func aRunWithoutItGoesOn() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      let options = fixture.options("run") {
        EarlyStoppingRunTests.stalling(&$0)
        $0.training.epochs = 5
        $0.training.earlyStopping = nil
      }
      let end = try fixture.train(options)
      #expect(end.status == .completed && end.epoch == 5 && end.earlyStop == nil)
    }
  }

  /// A stop anywhere changes neither the epoch nor a bit, and a count that is lost is seen.
  @Test func itResumes() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      try fixture.train(fixture.options("whole", EarlyStoppingRunTests.stalling))
      let whole = try RunTrace("\(fixture.folder)/whole")
      // Between epochs, in the middle of one, and in an evaluation: one call at the start, six steps, two batches.
      for call in [10, 14, 17, 24, 33] {
        let options = fixture.options("stopped-\(call)", EarlyStoppingRunTests.stalling)
        #expect(try fixture.train(options, stopAtCall: call).status == .interrupted("the test"))
        let end = try fixture.train(options, resuming: true)
        #expect(end.status == .completed && end.epoch == 4, "stopped at call \(call)")
        try expectSame(options.out, whole, "stopped at call \(call)")
      }
      let options = fixture.options("forgetful", EarlyStoppingRunTests.stalling)
      try fixture.train(options, stopAtCall: 24)
      try forge(options.out) { $0.earlyStopping?.numWithoutImprovement = 0 }
      #expect(try fixture.train(options, resuming: true).epoch != 4)
      #expect(throws: (any Error).self) {
        guard try RunTrace(options.out).differences(from: whole).isEmpty else { throw CocoaError(.featureUnsupported) }
      }
    }
  }

  @Test func anEndedRunGoesOnWithMorePatience() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      var options = fixture.options("run", EarlyStoppingRunTests.stalling)
      try fixture.train(options)
      let again = try fixture.train(options, resuming: true)
      #expect(again.status == .completed && again.step == 24 && again.earlyStop != nil)
      #expect(try EarlyStoppingRunTests.epochs(options.out) == [1, 2, 3, 4])
      options.training.earlyStopping?.patience = 5
      let end = try fixture.train(options, resuming: true)
      #expect(end.status == .completed && end.epoch == 6)
      #expect(try EarlyStoppingRunTests.epochs(options.out) == [1, 2, 3, 4, 5, 6])
    }
  }

  /// An evaluation where `max_steps` cuts an epoch is none that early stopping counts: the run that is made longer ends
  /// where one ends that was never cut.
  @Test func aCutEpochCountsForNothing() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      var options = fixture.options("run") {
        EarlyStoppingRunTests.stalling(&$0)
        $0.training.earlyStopping?.patience = 2
        $0.training.maxSteps = 9
      }
      for maxSteps in [9, 10, 11] {
        options.training.maxSteps = maxSteps
        let end = try fixture.train(options, resuming: maxSteps > 9)
        #expect(end.status == .completed && end.step == maxSteps && end.earlyStop == nil)
      }
      let last = try SavedCheckpoint(path: "\(options.out)/checkpoints/last").state(TrainState.self)
      #expect(last.earlyStopping?.numWithoutImprovement == 0 && last.earlyStopping?.epoch == 1)
      options.training.maxSteps = nil
      let end = try fixture.train(options, resuming: true)
      #expect(end.epoch == 3 && end.earlyStop != nil)
    }
  }
}
