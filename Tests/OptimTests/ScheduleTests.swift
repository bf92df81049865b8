import Foundation
import Optim
import Settings
import Testing

@Suite struct ScheduleTests {
  private func expect(
    _ schedule: Schedule, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (step, rate) in expected.enumerated() {
      let found = schedule.learningRate(atStep: step)
      #expect(abs(found - rate) < 1e-12, "step \(step): \(found), \(rate)", sourceLocation: sourceLocation)
    }
  }

  @Test func cosineBySteps() {
    let schedule = Schedule(base: 1, timeline: .steps(total: 6, warmup: 2), curve: CosineCurve())
    let half = 2.0.squareRoot() / 4
    expect(schedule, [0.5, 1, 1, 0.5 + half, 0.5, 0.5 - half, 0, 0, 0])
    // The last step before the end, and the end, of a schedule with a minimum.
    var curve = CosineCurve()
    curve.minimum = 0.2
    let raised = Schedule(base: 1, timeline: .steps(total: 4, warmup: 0), curve: curve)
    expect(raised, [1, 0.6 + 0.4 * half * 2, 0.6, 0.6 - 0.4 * half * 2, 0.2, 0.2])
  }

  @Test func linearBySteps() {
    // Warm-up in thirds, because the line's first value is the peak.
    var curve = LinearCurve()
    let schedule = Schedule(base: 3, timeline: .steps(total: 6, warmup: 2), curve: curve)
    expect(schedule, [1, 2, 3, 2.25, 1.5, 0.75, 0, 0])
    curve.minimum = 1
    expect(Schedule(base: 3, timeline: .steps(total: 2, warmup: 0), curve: curve), [3, 2, 1, 1])
  }

  @Test func constantWithWarmupFromAStart() {
    let schedule = Schedule(
      base: 1, timeline: .steps(total: 10, warmup: 4), warmupStart: 0.2, curve: ConstantCurve())
    expect(schedule, [0.4, 0.6, 0.8, 1, 1, 1])
  }

  @Test func byEpochsTheRateHoldsForAnEpoch() {
    let timeline = Timeline.epochs(total: 4, warmup: 2, stepsPerEpoch: 3)
    expect(Schedule(base: 2, timeline: timeline, curve: CosineCurve()), [1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0, 0])
  }

  @Test func optionsChooseTheUnit() throws {
    let length = RunLength(numEpochs: 3, stepsPerEpoch: 4)
    var options = Tagged<ScheduleFamily>(CosineCurve())
    options.warmupEpochs = 1.5
    let bySteps = options.options.schedule(base: 1, length: length)
    #expect(bySteps.curve is CosineCurve)
    #expect(bySteps.timeline == .steps(total: 12, warmup: 6))
    options = .init(LinearCurve())
    options.warmupSteps = 7
    let counted = options.options.schedule(base: 1, length: length)
    #expect(counted.curve is LinearCurve)
    #expect(counted.timeline == .steps(total: 12, warmup: 7))
    options = .init(ConstantCurve())
    options.unit = .epoch
    options.warmupEpochs = 2
    let byEpochs = options.options.schedule(base: 1, length: length)
    #expect(byEpochs.curve is ConstantCurve)
    #expect(byEpochs.timeline == .epochs(total: 3, warmup: 2, stepsPerEpoch: 4))
  }

  /// A number of steps in place of epochs: the last epoch is cut.
  @Test func aLengthInStepsIsSpannedToItsEnd() {
    let length = RunLength(numSteps: 10, stepsPerEpoch: 4)
    #expect(length.numEpochs == 3)
    var options = Tagged<ScheduleFamily>(LinearCurve())
    expect(options.options.schedule(base: 10, length: length), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])
    options.unit = .epoch
    expect(options.options.schedule(base: 3, length: length), [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0])
    #expect(RunLength(numSteps: 8, stepsPerEpoch: 4).numEpochs == 2)
    #expect(RunLength(numSteps: .max, stepsPerEpoch: 1).numEpochs == .max)
  }

  /// Whatever the length, rates are numbers, none is negative or above the highest that was asked for, and the end's
  /// rate stays.
  @Test(arguments: [(0, 0), (0, 3), (1, 0), (1, 1), (2, 1), (5, 5), (5, 9), (3, 2), (40, 39), (1000, 0)])
  func edges(total: Int, warmup: Int) throws {
    let curves: [any Curve] = [
      CosineCurve(), CosineRestartsCurve(), LinearCurve(), PolynomialCurve(), OneCycleCurve(), FlatAnnealCurve(),
      InverseSqrtCurve(), StableDecayCurve(), ConstantCurve(), ExponentialCurve(),
      try curve("{type: cosine, minimum: 0.01, k_decay: 0.5}"),
      try curve("{type: multi_step, milestones: [1, 2, 7]}"),
      try curve("{type: step, every: 2}"),
      try curve("{type: cosine_restarts, cycles: 9, cycle_multiplier: 3}"),
      try curve("{type: one_cycle, pct_start: 1}"),
      try curve("{type: one_cycle, pct_start: 0}"),
      try curve("{type: flat_anneal, pct_start: 1}"),
      try curve("{type: warmup_stable_decay, decay_fraction: 1, decay: sqrt}"),
    ]
    for curve in curves {
      for timeline in [
        Timeline.steps(total: total, warmup: warmup), .epochs(total: total, warmup: warmup, stepsPerEpoch: 1),
        .epochs(total: total, warmup: warmup, stepsPerEpoch: 0),
      ] {
        let schedule = Schedule(base: 0.5, timeline: timeline, warmupStart: 0.001, curve: curve)
        let rates = (0..<total + warmup + 20).map(schedule.learningRate)
        #expect(rates.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 0.5 + 1e-12 }, "\(curve) \(timeline)")
        #expect(Set(rates[total...]).count == 1, "\(curve) \(timeline)")
      }
    }
  }

  private func curve(_ yaml: String) throws -> any Curve {
    try OptionsLoader.load(ScheduleFixture.Recipe.self, yaml: "schedule: \(yaml)").schedule.options.curve
  }

  @Test(arguments: [
    ("{unit: epoch, warmup_steps: 3}", "warmup_steps"), ("{unit: epoch, warmup_epochs: 1.5}", "warmup_epochs"),
    ("{warmup_epochs: 1, warmup_steps: 3}", "warmup_steps"), ("{minimum: -1}", "minimum"),
    ("{warmup_epochs: .nan}", "warmup_epochs"), ("{warmup_epochs: 1e300}", "warmup_epochs"), ("{unit: day}", "unit"),
    ("{type: cosin}", "type"), ("{type: constant, minimum: 1e-5}", "minimum"),
    ("{type: linear, k_decay: 2}", "k_decay"), ("{type: linear, warmup_prefix: false}", "warmup_prefix"),
    ("{k_decay: 0}", "k_decay"), ("{type: cosine_restarts, cycles: 0}", "cycles"),
    ("{type: cosine_restarts, cycles: 100000000}", "cycles"),
    ("{type: cosine_restarts, cycle_multiplier: 0}", "cycle_multiplier"),
    ("{type: cosine_restarts, cycle_decay: 1.5}", "cycle_decay"), ("{type: polynomial, power: 0}", "power"),
    ("{type: multi_step}", "milestones"), ("{type: multi_step, milestones: [3, 3]}", "milestones"),
    ("{type: multi_step, milestones: [0, 3]}", "milestones"), ("{type: multi_step, milestones: [2.5]}", "milestones"),
    ("{type: multi_step, milestones: [3], gamma: 0}", "gamma"), ("{type: step}", "every"),
    ("{type: step, every: -3}", "every"), ("{type: step, every: 3, gamma: 1.1}", "gamma"),
    ("{type: exponential}", "gamma"), ("{type: exponential, gamma: 2}", "gamma"),
    ("{type: one_cycle, pct_start: 1.1}", "pct_start"), ("{type: one_cycle, div_factor: 0}", "div_factor"),
    ("{type: one_cycle, final_div_factor: 0.5}", "final_div_factor"), ("{type: one_cycle, anneal: cos}", "anneal"),
    ("{type: flat_anneal, pct_start: -0.1}", "pct_start"), ("{type: inverse_sqrt}", "timescale"),
    ("{type: inverse_sqrt, timescale: 0}", "timescale"), ("{type: warmup_stable_decay, decay: root}", "decay"),
    ("{type: warmup_stable_decay, decay_fraction: 2}", "decay_fraction"),
  ]) func whatCannotBeIsRefused(yaml: String, key: String) {
    let error = #expect(throws: OptionsError.self) {
      try OptionsLoader.load(ScheduleFixture.Recipe.self, yaml: "schedule: \(yaml)")
    }
    #expect(
      error?.issues.map(\.path).contains { $0.hasPrefix("schedule.\(key)") } == true, "\(String(describing: error))")
    #expect(error?.issues.count == 1)
  }

  @Test func aFlagThatChangesTheTypeKeepsWhatBothHave() throws {
    let yaml = "schedule: {type: cosine, unit: epoch, warmup_epochs: 5, minimum: 1e-5, k_decay: 2}"
    let linear = try OptionsLoader.load(
      ScheduleFixture.Recipe.self, yaml: yaml, overrides: ["schedule.type=linear"]
    ).schedule
    #expect((linear.options.curve as? LinearCurve)?.minimum == 1e-5)
    #expect(linear.unit == .epoch)
    #expect(linear.warmupEpochs == 5)
    let constant = try OptionsLoader.load(
      ScheduleFixture.Recipe.self, yaml: yaml, overrides: ["schedule.type=constant"]
    ).schedule
    #expect(constant.warmupEpochs == 5)
  }

  @Test func settingsComeBack() throws {
    for (name, type) in ScheduleFamily.table {
      let kind = try #require(type.init() as? any AnyScheduleOptions)
      var recipe = ScheduleFixture.Recipe()
      recipe.schedule = .init(kind)
      recipe.schedule.unit = .epoch
      recipe.schedule.warmupEpochs = 3
      recipe.schedule.warmupStart = 1e-6
      #expect(recipe.schedule.name == name)
      // Those that have to be given are told apart from all others by what is missing.
      let given = ["multi_step": "milestones=[3, 4]", "step": "every=3", "exponential": "gamma=0.5"]
      let flags = given[name].map { ["schedule.\($0)"] } ?? []
      let text = OptionsEncoder.encode(recipe).yaml
      let back = try OptionsLoader.load(ScheduleFixture.Recipe.self, yaml: text, overrides: flags)
      if flags.isEmpty { #expect(back.schedule == recipe.schedule) }
      #expect(back.schedule.options.timing == recipe.schedule.options.timing)
      #expect(back.schedule.name == name)
    }
  }
}
