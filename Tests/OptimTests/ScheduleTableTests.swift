import Optim
import Settings
import Testing

/// Every schedule, unit by unit, against tables of torch, timm and published formulas.
@Suite struct ScheduleTableTests {
  @Test(arguments: try ScheduleFixture.all()) func agreesWithItsSource(_ table: ScheduleFixture) throws {
    let bySteps = try table.settings(unit: .step).options.schedule(
      base: table.base, length: RunLength(numSteps: table.total, stepsPerEpoch: 4))
    #expect(bySteps.timeline == .steps(total: table.total, warmup: table.warmup))
    #expect(table.differences(from: bySteps) == [])
    // The same numbers as epochs, each rate for as long as an epoch lasts.
    let byEpochs = try table.settings(unit: .epoch).options.schedule(
      base: table.base, length: RunLength(numEpochs: table.total, stepsPerEpoch: 3))
    #expect(byEpochs.timeline == .epochs(total: table.total, warmup: table.warmup, stepsPerEpoch: 3))
    #expect(table.differences(from: byEpochs, stepsPerUnit: 3) == [])
  }

  @Test func everyScheduleHasATableWithAWarmup() throws {
    let tables = try ScheduleFixture.all()
    for (name, _) in ScheduleFamily.table {
      #expect(
        tables.contains { $0.settings.split(separator: "\n").first == "type: \(name)" && $0.warmup > 0 }, "\(name)")
    }
  }

  /// What is easily done wrong shows in the tables.
  @Test(arguments: try ScheduleFixture.all()) func aFaultWouldShow(_ table: ScheduleFixture) throws {
    let settings = try table.settings(unit: .step)
    let right = settings.options.schedule(
      base: table.base, length: RunLength(numSteps: table.total, stepsPerEpoch: 1))
    let rate = right.learningRate
    let isConstant = settings.name == "constant"
    if !isConstant || table.warmup > 0 {
      #expect(table.differences { rate($0 + 1) } != [])
    }
    if table.warmup > 0 {
      let isLinear = settings.name == "linear"
      let differences = table.differences { step in
        guard step < table.warmup else { return rate(step) }
        let length = isLinear ? table.warmup : table.warmup + 1
        return table.start + (right.peak - table.start) * Double(step + 1) / Double(length)
      }
      #expect(differences != [])
      // A warm-up that starts from nothing, and one that the rest does not know of.
      if table.start > 0 {
        #expect(table.differences { rate($0) - ($0 == 0 ? table.start / 10 : 0) } == [0])
      }
      var without = settings
      without.warmupSteps = 0
      if !(without.options.curve is InverseSqrtCurve) {
        let unaware = without.options.schedule(
          base: table.base, length: RunLength(numSteps: table.total, stepsPerEpoch: 1))
        #expect(table.differences(from: unaware) != [])
      }
    }
    // No number, and a wrong rate behind the end.
    #expect(table.differences { $0 == 3 ? .nan : rate($0) } == [3])
    #expect(table.differences { $0 > table.total ? 2 : rate($0) }.first == table.total + 1)
  }

  /// Every setting of every kind changes something, so that no table stands for a setting that is not read.
  @Test func everySettingCounts() throws {
    let other = [
      "minimum": "0.4", "k_decay": "2", "cycles": "4", "cycle_multiplier": "1.5", "cycle_decay": "0.5", "power": "3",
      "milestones": "[9, 12]", "gamma": "0.7", "every": "5", "pct_start": "0.6", "div_factor": "4",
      "final_div_factor": "7", "anneal": "linear", "timescale": "11", "decay_fraction": "0.6", "decay": "sqrt",
      "warmup_epochs": "2", "warmup_steps": "3", "warmup_start": "0.3", "unit": "epoch",
    ]
    let given = [
      "multi_step": "milestones: [6, 13], ", "step": "every: 7, ", "exponential": "gamma: 0.9, ",
      "inverse_sqrt": "timescale: 9, ",
    ]
    func rates(_ name: String, _ flags: [String]) throws -> [Double] {
      let yaml = "schedule: {type: \(name), \(given[name] ?? "")warmup_epochs: 1}"
      let settings = try OptionsLoader.load(ScheduleFixture.Recipe.self, yaml: yaml, overrides: flags).schedule
      let schedule = settings.options.schedule(base: 1, length: RunLength(numEpochs: 20, stepsPerEpoch: 4))
      return (0..<80).map(schedule.learningRate)
    }
    for (name, type) in ScheduleFamily.table {
      for key in OptionsEncoder.encode(type.init()).keys {
        // What the kinds do not agree in is changed from what the kind has.
        let prefix = type.init() as? any AnyScheduleOptions
        let value = try #require(
          key == "warmup_prefix" ? prefix.map { "\(!$0.curve.warmupPrefix)" } : other[key],
          "give \(key) another value here")
        var flags = ["schedule.\(key)=\(value)"]
        if key == "warmup_steps" { flags.append("schedule.warmup_epochs=0") }
        #expect(try rates(name, []) != rates(name, flags), "\(name): \(flags)")
      }
    }
  }
}
