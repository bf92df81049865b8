import Foundation
import Optim
import Settings
import TestSupport
import Testing
import Training
import VisionModels

@testable import Recipes

/// The learning rates of whole runs.
@Suite struct ScheduleRunTests {
  private static func rates(_ change: (inout RunOptions) -> Void) throws -> [Double] {
    let fixture = try RunFixture(numTrain: 20, numValidation: 3)
    let options = fixture.options("run") {
      $0.training.lr = 1
      $0.training.epochs = 4
      $0.model.depth = 1
      $0.checkpoint.everySteps = nil
      change(&$0)
    }
    // The rate matters here, not what becomes of the weights.
    var slow = options
    slow.optimizer = .init(SGD.Options())
    slow.training.lr = options.training.lr * 1e-6
    try fixture.train(slow)
    return try metrics(options.out).filter { $0["event"] as? String == "step" }.map {
      try #require($0["lr"] as? Double) * 1e6
    }
  }

  private static func close(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 }
  }

  /// 20 images in batches of 8: three steps an epoch, twelve in all.
  @Test func byStepAndByEpoch() async {
    await #expect(processExitsWith: .success) {
      let bySteps: [Double] = (0..<12).map { step -> Double in
        if step < 3 { return Double(step + 1) / 3 }
        let angle = Double.pi * Double(step - 3) / 9
        return (1 + cos(angle)) / 2
      }
      #expect(try ScheduleRunTests.close(ScheduleRunTests.rates { $0.schedule.warmupEpochs = 1 }, bySteps))
      // A run that is cut takes the same rates as far as it goes.
      let cut = try ScheduleRunTests.rates {
        $0.schedule.warmupEpochs = 1
        $0.training.maxSteps = 7
      }
      #expect(ScheduleRunTests.close(cut, Array(bySteps[..<7])))
      let byEpochs = try ScheduleRunTests.rates {
        $0.schedule = .init(LinearCurve())
        $0.schedule.unit = .epoch
        $0.schedule.warmupEpochs = 1
      }
      let rates: [Double] = [0.5, 1, 2.0 / 3, 1.0 / 3]
      let expected = rates.flatMap { [$0, $0, $0] }
      #expect(ScheduleRunTests.close(byEpochs, expected))
    }
  }

  /// Two batches a step: two steps an epoch, the second of one batch.
  @Test func stepsAreUpdatesOfTheWeights() async {
    await #expect(processExitsWith: .success) {
      let rates = try ScheduleRunTests.rates {
        $0.training.accumulation = 2
        var curve = CosineCurve()
        curve.minimum = 1e-7
        $0.schedule = .init(curve)
        $0.schedule.warmupSteps = 2
      }
      let expected: [Double] = (0..<8).map { step -> Double in
        if step < 2 { return Double(step + 1) / 2 }
        let angle = Double.pi * Double(step - 2) / 6
        return 0.1 + 0.9 * (1 + cos(angle)) / 2
      }
      #expect(ScheduleRunTests.close(rates, expected))
    }
  }

  /// 44 images in batches of 4 are 11 batches; three a step leave two over.
  @Test func aDroppedTailIsNoStep() async {
    await #expect(processExitsWith: .success) {
      let fixture = try RunFixture()
      func numSamples(_ tail: AccumulationTail) throws -> [[Int]] {
        let options = fixture.options("tail-\(tail)") {
          $0.data.batchSize = 4
          $0.training.accumulation = 3
          $0.training.accumulationTail = tail
        }
        try fixture.train(options)
        let steps = try metrics(options.out).filter { $0["event"] as? String == "step" }
        return (1...2).map { epoch in
          steps.filter { $0["epoch"] as? Int == epoch }.compactMap { $0["samples"] as? Int }
        }
      }
      #expect(try numSamples(.step) == [[12, 12, 12, 8], [12, 12, 12, 8]])
      #expect(try numSamples(.drop) == [[12, 12, 12], [12, 12, 12]])
    }
  }

  @Test func anEpochWithoutAStepIsRefused() throws {
    let fixture = try RunFixture()
    let options = fixture.options("none") {
      $0.training.accumulation = 7
      $0.training.accumulationTail = .drop
    }
    #expect { try RunBuilder(options).build() } throws: { error in
      "\(error)".contains("training.accumulation: is 7, but an epoch has 6 batches")
    }
    #expect(!FileManager.default.fileExists(atPath: options.out))
  }

  /// Without a number of epochs the schedule ends where the steps end, in mid-epoch.
  @Test func stepsAloneAreTheLength() async {
    await #expect(processExitsWith: .success) {
      let rates = try ScheduleRunTests.rates {
        $0.schedule = .init(LinearCurve())
        $0.training.epochs = nil
        $0.training.maxSteps = 8
      }
      let eighths: [Double] = (0..<8).map { 1 - Double($0) / 8 }
      #expect(ScheduleRunTests.close(rates, eighths))
      let byEpochs = try ScheduleRunTests.rates {
        $0.schedule = .init(LinearCurve())
        $0.schedule.unit = .epoch
        $0.training.epochs = nil
        $0.training.maxSteps = 7
      }
      let thirds: [Double] = [1, 1, 1, 2.0 / 3, 2.0 / 3, 2.0 / 3, 1.0 / 3]
      #expect(ScheduleRunTests.close(byEpochs, thirds))
      // More steps than the epochs have change nothing.
      let longer = try ScheduleRunTests.rates {
        $0.schedule = .init(LinearCurve())
        $0.training.maxSteps = 1000
      }
      let twelfths: [Double] = (0..<12).map { 1 - Double($0) / 12 }
      #expect(ScheduleRunTests.close(longer, twelfths))
    }
  }

  @Test func lengths() {
    var training = TrainingOptions()
    #expect(training.scheduledLength(stepsPerEpoch: 3) == RunLength(numEpochs: 100, stepsPerEpoch: 3))
    training.maxSteps = 7
    #expect(training.scheduledLength(stepsPerEpoch: 3) == RunLength(numSteps: 7, stepsPerEpoch: 3))
    training.epochs = 4
    #expect(training.scheduledLength(stepsPerEpoch: 3) == RunLength(numEpochs: 4, stepsPerEpoch: 3))
  }

  /// What the settings alone tell: warm-ups as long as the run, and counts in another unit.
  @Test(arguments: [
    ("training: {epochs: 5}\nschedule: {warmup_epochs: 5}", "schedule.warmup_epochs"),
    ("schedule: {warmup_epochs: 100}", "schedule.warmup_epochs"),
    ("training: {max_steps: 50}\nschedule: {warmup_steps: 50}", "schedule.warmup_steps"),
    (
      "training: {epochs: 90}\nschedule: {type: multi_step, unit: epoch, milestones: [30, 30000]}",
      "schedule.milestones"
    ),
    (
      "training: {epochs: 90}\n"
        + "schedule: {type: multi_step, unit: epoch, warmup_epochs: 5, milestones: [85], warmup_prefix: true}",
      "schedule.milestones"
    ),
    (
      "training: {max_steps: 90}\nschedule: {type: step, warmup_steps: 10, every: 80, warmup_prefix: true}",
      "schedule.every"
    ),
    ("training: {epochs: 90}\nschedule: {type: step, unit: epoch, every: 2500}", "schedule.every"),
    ("training: {max_steps: 90}\nschedule: {type: step, every: 90}", "schedule.every"),
  ]) func whatCannotFitIsRefused(yaml: String, path: String) {
    let error = #expect(throws: OptionsError.self) {
      try OptionsLoader.load(RunOptions.self, yaml: "data: {path: x}\n\(yaml)")
    }
    #expect(error?.issues.map(\.path) == [path])
  }

  @Test(arguments: [
    "training: {epochs: 5}\nschedule: {warmup_epochs: 4.5}", "training: {max_steps: 50}\nschedule: {warmup_steps: 49}",
    "training: {max_steps: 50}\nschedule: {warmup_epochs: 200}", "training: {epochs: 5}\nschedule: {warmup_steps: 900}",
    "training: {epochs: 90}\nschedule: {type: multi_step, unit: epoch, milestones: [30, 89]}",
    "training: {epochs: 90}\nschedule: {type: multi_step, milestones: [30, 30000]}",
    "training: {epochs: 90}\nschedule: {type: multi_step, unit: epoch, warmup_epochs: 5, milestones: [85]}",
    "training: {epochs: 90}\n"
      + "schedule: {type: multi_step, unit: epoch, warmup_epochs: 5, milestones: [84], warmup_prefix: true}",
    "training: {max_steps: 90}\nschedule: {type: step, every: 89}",
  ]) func whatTheImagesDecideIsNot(yaml: String) throws {
    _ = try OptionsLoader.load(RunOptions.self, yaml: "data: {path: x}\n\(yaml)")
  }
}
