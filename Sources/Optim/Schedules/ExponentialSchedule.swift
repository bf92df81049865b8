import Foundation
public import Settings

/// Falls to the same part of itself in every unit (torch's ExponentialLR), after a linear warm-up: at e < w,
/// start + (base - start) (e + 1) / w; then base gamma^(e - w), and never below the minimum.
public struct ExponentialSchedule: WarmedUpSchedule, Equatable {
  /// What can be set. `gamma` has to be given, because it depends on the unit.
  public struct Options: ScheduleShape {
    /// What is left of the rate after each unit.
    public var gamma = 0.0
    /// The lowest rate.
    public var minimum = 0.0

    /// Without gamma.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check(
        gamma > 0 && gamma <= 1, "gamma", found: gamma,
        "what is left after each \(timing.unit.rawValue), more than 0 and at most 1")
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      ExponentialSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule that falls in every unit.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    max(min(base, options.minimum), base * pow(options.gamma, Double(unit - timeline.warmup)))
  }
}
