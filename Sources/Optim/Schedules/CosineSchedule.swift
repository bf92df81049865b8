import Foundation
public import Settings

/// Half a cosine from the base rate to the minimum (Loshchilov, Hutter 2016, arXiv:1608.03983), after a linear warm-up:
/// at e < w, start + (base - start) (e + 1) / w; then minimum + (base - minimum) (1 + cos(π p^k)) / 2 with
/// p = (e - w) / (T - w), or e / T where the warm-up is no prefix. k is 1, or another decay (Zhang, Li 2020,
/// arXiv:2004.05909; as timm's).
public struct CosineSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// The rate at the end.
    public var minimum = 0.0
    /// The exponent of the progress: above 1 the rate stays high for longer.
    public var kDecay = 1.0
    /// Whether the formula begins at the end of the warm-up, as it does here unless said otherwise; else it begins with
    /// the run, and the warm-up hides its first part (timm's `warmup_prefix`, which is false there by default).
    public var warmupPrefix = true

    /// The defaults.
    public init() {}

    /// These values.
    public init(minimum: Double = 0, kDecay: Double = 1, warmupPrefix: Bool = true) {
      self.minimum = minimum
      self.kDecay = kDecay
      self.warmupPrefix = warmupPrefix
    }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("minimum", minimum, in: 0...1000)
      issues.check("k_decay", kDecay, in: 0.01...100)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      CosineSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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
  public init(base: Double, timeline: Timeline, options: Options = Options(), warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let progress = timeline.progress(atUnit: unit, warmupPrefix: options.warmupPrefix)
    return options.minimum + (base - options.minimum) * (1 + cos(.pi * pow(progress, options.kDecay))) / 2
  }
}
