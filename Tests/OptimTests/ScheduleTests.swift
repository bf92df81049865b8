import Foundation
import Optim
import Settings
import Testing

@Suite struct ScheduleTests {
  private func expect(
    _ schedule: any Schedule, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (step, rate) in expected.enumerated() {
      let found = schedule.learningRate(atStep: step)
      #expect(abs(found - rate) < 1e-12, "step \(step): \(found), \(rate)", sourceLocation: sourceLocation)
    }
  }

  @Test func cosineBySteps() {
    let schedule = CosineSchedule(base: 1, timeline: .steps(total: 6, warmup: 2))
    let half = 2.0.squareRoot() / 4
    expect(schedule, [0.5, 1, 1, 0.5 + half, 0.5, 0.5 - half, 0, 0, 0])
    // The last step before the end, and the end, of a schedule with a minimum.
    let raised = CosineSchedule(base: 1, timeline: .steps(total: 4, warmup: 0), minimum: 0.2)
    expect(raised, [1, 0.6 + 0.4 * half * 2, 0.6, 0.6 - 0.4 * half * 2, 0.2, 0.2])
  }

  @Test func linearBySteps() {
    // Warm-up in thirds, because the line's first value is the peak.
    let schedule = LinearSchedule(base: 3, timeline: .steps(total: 6, warmup: 2))
    expect(schedule, [1, 2, 3, 2.25, 1.5, 0.75, 0, 0])
    expect(
      LinearSchedule(base: 3, timeline: .steps(total: 2, warmup: 0), minimum: 1), [3, 2, 1, 1])
  }

  @Test func constantWithWarmupFromAStart() {
    let schedule = ConstantSchedule(base: 1, timeline: .steps(total: 10, warmup: 4), warmupStart: 0.2)
    expect(schedule, [0.4, 0.6, 0.8, 1, 1, 1])
  }

  @Test func byEpochsTheRateHoldsForAnEpoch() {
    let timeline = Timeline.epochs(total: 4, warmup: 2, stepsPerEpoch: 3)
    expect(CosineSchedule(base: 2, timeline: timeline), [1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0, 0])
  }

  @Test func optionsChooseTheUnit() throws {
    var options = ScheduleOptions()
    options.warmupEpochs = 1.5
    let bySteps = try #require(options.schedule(base: 1, numEpochs: 3, stepsPerEpoch: 4) as? CosineSchedule)
    #expect(bySteps.timeline == .steps(total: 12, warmup: 6))
    options.warmupEpochs = 0
    options.warmupSteps = 7
    options.type = .linear
    let counted = try #require(options.schedule(base: 1, numEpochs: 3, stepsPerEpoch: 4) as? LinearSchedule)
    #expect(counted.timeline == .steps(total: 12, warmup: 7))
    options = ScheduleOptions()
    options.unit = .epoch
    options.warmupEpochs = 2
    options.type = .constant
    let byEpochs = try #require(options.schedule(base: 1, numEpochs: 3, stepsPerEpoch: 4) as? ConstantSchedule)
    #expect(byEpochs.timeline == .epochs(total: 3, warmup: 2, stepsPerEpoch: 4))
  }

  @Test func contradictingUnitsAreRefused() {
    for yaml in [
      "{unit: epoch, warmup_steps: 3}", "{unit: epoch, warmup_epochs: 1.5}", "{warmup_epochs: 1, warmup_steps: 3}",
      "{minimum: -1}", "{warmup_epochs: .nan}", "{warmup_epochs: 1e300}",
    ] {
      #expect(throws: OptionsError.self, "\(yaml)") {
        try OptionsLoader.load(ScheduleOptions.self, yaml: yaml, overrides: [])
      }
    }
  }
}
