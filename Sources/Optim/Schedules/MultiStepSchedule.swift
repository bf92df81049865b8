import Foundation
public import Settings

/// Falls to a part of itself at each milestone (torch's MultiStepLR), after a linear warm-up: at e < w,
/// start + (base - start) (e + 1) / w; then base gamma^k, where k is the number of milestones that are at most e, and
/// never below the minimum. Milestones count from the start of the run, as in Colossal-AI's MultiStepWarmupLR, or from the
/// end of the warm-up where that is a prefix.
public struct MultiStepSchedule: WarmedUpSchedule, Equatable {
  /// What can be set. The milestones have to be given.
  public struct Options: ScheduleShape {
    /// Where the rate falls, in the schedule's unit.
    public var milestones: [Int] = []
    /// What is left of the rate.
    public var gamma = 0.1
    /// The lowest rate.
    public var minimum = 0.0
    /// Whether milestones count from the end of the warm-up (timm's `warmup_prefix`, which is true there by default); else, as
    /// here unless said otherwise, from the start of the run.
    public var warmupPrefix = false

    /// A tenth is left; without milestones.
    public init() {}

    /// The last milestone.
    public var marks: [(key: String, value: Int)] { milestones.last.map { [("milestones", $0)] } ?? [] }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check(
        !milestones.isEmpty && zip(milestones, milestones.dropFirst()).allSatisfy { $0 < $1 } && milestones[0] > 0,
        "milestones", found: milestones, "rising counts of \(timing.unit.rawValue)s, the first at least 1")
      issues.check(milestones.count <= 10_000, "milestones", found: "\(milestones.count)", "at most 10000")
      issues.check(gamma > 0 && gamma <= 1, "gamma", found: gamma, "more than 0 and at most 1")
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      MultiStepSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
    }
  }

  /// The rate after the warm-up.
  public let base: Double
  /// What was set.
  public let options: Options
  /// The rise before it.
  public let warmup: Warmup
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule that falls at the milestones.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let passed = timeline.passed(atUnit: unit, warmupPrefix: options.warmupPrefix)
    let numPassed = options.milestones.count { $0 <= passed }
    return max(min(base, options.minimum), base * pow(options.gamma, Double(numPassed)))
  }
}
