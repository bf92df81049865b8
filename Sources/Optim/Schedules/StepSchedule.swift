import Foundation
public import Settings

/// Falls to a part of itself again and again (torch's StepLR, timm's StepLRScheduler), after a linear warm-up: at e < w,
/// start + (base - start) (e + 1) / w; then base gamma^floor(e / every), and never below the minimum. e counts from the
/// start of the run, or from the end of the warm-up where that is a prefix.
public struct StepSchedule: WarmedUpSchedule, Equatable {
  /// What can be set. `every` has to be given.
  public struct Options: ScheduleShape {
    /// Units from one fall to the next.
    public var every = 0
    /// What is left of the rate.
    public var gamma = 0.1
    /// The lowest rate.
    public var minimum = 0.0
    /// Whether falls count from the end of the warm-up (timm's `warmup_prefix`, which is true there by default); else, as
    /// here unless said otherwise, from the start of the run.
    public var warmupPrefix = false

    /// A tenth is left; without the distance.
    public init() {}

    /// The first fall.
    public var marks: [(key: String, value: Int)] { every > 0 ? [("every", every)] : [] }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check(every > 0, "every", found: every, "at least 1: a number of \(timing.unit.rawValue)s")
      issues.check(gamma > 0 && gamma <= 1, "gamma", found: gamma, "more than 0 and at most 1")
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      StepSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule that falls every `options.every` units.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    precondition(options.every > 0, "a schedule cannot fall every \(options.every) units")
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let passed = timeline.passed(atUnit: unit, warmupPrefix: options.warmupPrefix)
    return max(min(base, options.minimum), base * pow(options.gamma, Double(passed / options.every)))
  }
}
