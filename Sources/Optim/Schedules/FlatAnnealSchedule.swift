import Foundation
public import Settings

/// The base rate, and then a cosine to the minimum (Colossal-AI's FlatAnnealingWarmupLR), after a linear warm-up: at e < w,
/// start + (base - start) (e + 1) / w; then the base rate for f = floor(pct_start (T - w)) units; then
/// minimum + (base - minimum) (1 + cos(π (e - w - f) / (T - w - f))) / 2.
public struct FlatAnnealSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// The share of what follows the warm-up in which the rate stays.
    public var pctStart = 0.72
    /// The rate at the end.
    public var minimum = 0.0

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("pct_start", pctStart, in: 0...1)
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      FlatAnnealSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule that falls at the end.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let flat = Int(options.pctStart * Double(timeline.remainder))
    let falling = unit - timeline.warmup - flat
    guard falling > 0 else { return base }
    let progress = min(1, Double(falling) / Double(timeline.remainder - flat))
    return options.minimum + (base - options.minimum) * (1 + cos(.pi * progress)) / 2
  }
}
