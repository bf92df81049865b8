import Foundation
import Optim
import Settings
import Testing

/// A table of rates from `scripts/reference/make_schedule_fixtures.py`.
struct ScheduleFixture: Decodable, CustomTestStringConvertible {
  let name: String
  /// The settings of the kind, as YAML.
  let settings: String
  let base: Double
  let total: Int
  let warmup: Int
  let start: Double
  /// The rates of units 0 to `total`.
  let rates: [Double]

  var testDescription: String { name }

  /// What a recipe holds.
  struct Recipe: Validatable {
    var schedule = Tagged<ScheduleFamily>(CosineCurve())
  }

  static func all() throws -> [ScheduleFixture] {
    struct File: Decodable { let cases: [ScheduleFixture] }
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/schedules.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: path)).cases
  }

  /// The settings as a recipe would have them; `unit` with its warm-up.
  func settings(unit: ScheduleTiming.Unit) throws -> Tagged<ScheduleFamily> {
    let warmup = unit == .step ? "warmup_steps: \(self.warmup)" : "warmup_epochs: \(self.warmup)"
    let lines = settings.split(separator: "\n") + ["unit: \(unit.rawValue)", "\(warmup)", "warmup_start: \(start)"]
    let yaml = "schedule:\n" + lines.map { "  \($0)\n" }.joined()
    return try OptionsLoader.load(Recipe.self, yaml: yaml).schedule
  }

  /// Where a schedule differs from the table, by more than rounding; and behind the end.
  func differences(from schedule: Schedule, stepsPerUnit: Int = 1) -> [Int] {
    differences(from: schedule.learningRate, stepsPerUnit: stepsPerUnit)
  }

  /// Where rates by step differ from the table.
  func differences(from rate: (Int) -> Double, stepsPerUnit: Int = 1) -> [Int] {
    (0..<(total + 5) * stepsPerUnit).filter { step in
      let expected = rates[min(step / stepsPerUnit, total)]
      return !(abs(rate(step) - expected) <= 1e-12)
    }
  }
}
