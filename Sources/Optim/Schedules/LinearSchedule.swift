public import Settings

/// A straight line from the base rate to the minimum, after a linear warm-up (Colossal-AI's LinearWarmupLR): at e < w,
/// start + (base - start) (e + 1) / (w + 1); then minimum + (base - minimum) (T - e) / (T - w).
public struct LinearSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// The rate at the end.
    public var minimum = 0.0

    /// The defaults.
    public init() {}

    /// These values.
    public init(minimum: Double = 0) {
      self.minimum = minimum
    }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      LinearSchedule(base: base, timeline: timeline, minimum: minimum, warmupStart: warmupStart)
    }
  }

  /// The rate after the warm-up.
  public let base: Double
  /// The rate at the end.
  public let minimum: Double
  /// The rise before it.
  public let warmup: Warmup
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule from `base` to `minimum`.
  public init(base: Double, timeline: Timeline, minimum: Double = 0, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.minimum = minimum
    warmup = Warmup(start: warmupStart, form: .belowPeak)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    minimum + (base - minimum) * (1 - timeline.progress(atUnit: unit))
  }
}
