import Settings

/// What every schedule has: how often the rate changes, and the warm-up, which can be given in epochs with either unit,
/// and in steps when the unit is a step.
public struct ScheduleTiming: Codable, Sendable, Equatable {
  /// How often the rate changes.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    /// At every step.
    case step
    /// At the start of every epoch.
    case epoch
  }

  /// How often the rate changes, and what the schedule's counts are counts of.
  public var unit = Unit.step
  /// Length of the warm-up in epochs; whole epochs when the unit is an epoch.
  public var warmupEpochs = 0.0
  /// Length of the warm-up in steps, in place of `warmupEpochs`.
  public var warmupSteps = 0
  /// Where the warm-up starts from.
  public var warmupStart = 0.0

  /// By step, without warm-up.
  public init() {}

  /// Reports values out of range and units that contradict each other.
  func validate(_ issues: inout IssueCollector) {
    issues.check("warmup_epochs", warmupEpochs, in: 0...1e6)
    issues.check("warmup_steps", warmupSteps, in: 0...1_000_000_000)
    issues.check("warmup_start", warmupStart, in: 0...1000)
    issues.check(
      warmupSteps == 0 || warmupEpochs == 0, "warmup_steps", found: warmupSteps,
      "0 where warmup_epochs is given", related: ["warmup_epochs"])
    issues.check(
      unit == .step || warmupSteps == 0, "warmup_steps", found: warmupSteps, "0 where unit is epoch",
      related: ["unit"])
    issues.check(
      unit == .step || warmupEpochs == warmupEpochs.rounded(), "warmup_epochs", found: warmupEpochs,
      "a whole number where unit is epoch", related: ["unit"])
  }

  /// The timeline of a run of `length`.
  func timeline(_ length: RunLength) -> Timeline {
    switch unit {
    case .epoch:
      return .epochs(total: length.numEpochs, warmup: Int(warmupEpochs), stepsPerEpoch: length.stepsPerEpoch)
    case .step:
      let warmup = warmupSteps > 0 ? warmupSteps : Int((warmupEpochs * Double(length.stepsPerEpoch)).rounded())
      return .steps(total: length.numSteps, warmup: warmup)
    }
  }
}
