import Foundation
public import Settings

/// A power of what is left (torch's PolynomialLR, Colossal-AI's PolynomialWarmupLR, timm's PolyLRScheduler), after a linear
/// warm-up: at e < w, start + (base - start) (e + 1) / w; then minimum + (base - minimum) (1 - p^k)^power with
/// p = (e - w) / (T - w), or e / T where the warm-up is no prefix; k as in `CosineSchedule`.
public struct PolynomialSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// 1 gives a straight line, more falls earlier, less falls later.
    public var power = 1.0
    /// The rate at the end.
    public var minimum = 0.0
    /// The exponent of the progress.
    public var kDecay = 1.0
    /// Whether the fall begins at the end of the warm-up; see `CosineSchedule`.
    public var warmupPrefix = true

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("power", power, in: 0.01...100)
      issues.check("minimum", minimum, in: 0...1000)
      issues.check("k_decay", kDecay, in: 0.01...100)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      PolynomialSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule from `base` to the minimum.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let progress = timeline.progress(atUnit: unit, warmupPrefix: options.warmupPrefix)
    let left = 1 - pow(progress, options.kDecay)
    return options.minimum + (base - options.minimum) * pow(left, options.power)
  }
}
