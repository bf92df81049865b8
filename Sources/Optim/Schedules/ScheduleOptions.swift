public import Settings

/// What can be set of a schedule. The unit decides how often the rate changes; the warm-up can be given in epochs with
/// either unit, and in steps when the unit is a step.
public struct ScheduleOptions: Validatable, Equatable {
  /// The schedules by name.
  public enum Shape: String, Codable, Sendable, CaseIterable {
    /// `CosineSchedule`.
    case cosine
    /// `LinearSchedule`.
    case linear
    /// `ConstantSchedule`.
    case constant
  }

  /// How often the rate changes.
  public enum Unit: String, Codable, Sendable, CaseIterable {
    /// At every step.
    case step
    /// At the start of every epoch.
    case epoch
  }

  /// The form of the schedule after the warm-up.
  public var type = Shape.cosine
  /// How often the rate changes.
  public var unit = Unit.step
  /// Length of the warm-up in epochs; whole epochs when the unit is an epoch.
  public var warmupEpochs = 0.0
  /// Length of the warm-up in steps, in place of `warmupEpochs`.
  public var warmupSteps = 0
  /// Where the warm-up starts from.
  public var warmupStart = 0.0
  /// The rate at the end.
  public var minimum = 0.0

  /// A cosine by step, without warm-up.
  public init() {}

  /// Reports values out of range and units that contradict each other.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("warmup_epochs", warmupEpochs, in: 0...1e6)
    issues.check("warmup_steps", warmupSteps, in: 0...1_000_000_000)
    issues.check("warmup_start", warmupStart, in: 0...1000)
    issues.check("minimum", minimum, in: 0...1000)
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

  /// The schedule of a run of `numEpochs` epochs with `stepsPerEpoch` updates of the weights each.
  public func schedule(base: Double, numEpochs: Int, stepsPerEpoch: Int) -> any Schedule {
    let timeline: Timeline
    switch unit {
    case .epoch:
      timeline = .epochs(total: numEpochs, warmup: Int(warmupEpochs), stepsPerEpoch: stepsPerEpoch)
    case .step:
      let warmup = warmupSteps > 0 ? warmupSteps : Int((warmupEpochs * Double(stepsPerEpoch)).rounded())
      timeline = .steps(total: numEpochs * stepsPerEpoch, warmup: warmup)
    }
    switch type {
    case .cosine:
      return CosineSchedule(base: base, timeline: timeline, minimum: minimum, warmupStart: warmupStart)
    case .linear:
      return LinearSchedule(base: base, timeline: timeline, minimum: minimum, warmupStart: warmupStart)
    case .constant:
      return ConstantSchedule(base: base, timeline: timeline, warmupStart: warmupStart)
    }
  }
}
