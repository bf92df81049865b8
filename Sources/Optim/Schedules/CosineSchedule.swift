import Foundation
public import Settings

/// Half a cosine from the base rate to the minimum (Loshchilov, Hutter 2016, arXiv:1608.03983), after a linear warm-up:
/// at e < w, start + (base - start) (e + 1) / w; then minimum + (base - minimum) (1 + cos(π p^k)) / 2 with
/// p = (e - w) / (T - w). k is 1, or another decay (Zhang, Li 2020, arXiv:2004.05909; as timm's).
public struct CosineSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// The rate at the end.
    public var minimum = 0.0
    /// The exponent of the progress: above 1 the rate stays high for longer.
    public var kDecay = 1.0

    /// The defaults.
    public init() {}

    /// These values.
    public init(minimum: Double = 0, kDecay: Double = 1) {
      self.minimum = minimum
      self.kDecay = kDecay
    }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("minimum", minimum, in: 0...1000)
      issues.check("k_decay", kDecay, in: 0.01...100)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      CosineSchedule(
        base: base, timeline: timeline, minimum: minimum, kDecay: kDecay, warmupStart: warmupStart)
    }
  }

  /// The rate after the warm-up.
  public let base: Double
  /// The rate at the end.
  public let minimum: Double
  /// The exponent of the progress.
  public let kDecay: Double
  /// The rise before it.
  public let warmup: Warmup
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule from `base` to `minimum`.
  public init(
    base: Double, timeline: Timeline, minimum: Double = 0, kDecay: Double = 1, warmupStart: Double = 0
  ) {
    self.base = base
    self.timeline = timeline
    self.minimum = minimum
    self.kDecay = kDecay
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    minimum + (base - minimum) * (1 + cos(.pi * pow(timeline.progress(atUnit: unit), kDecay))) / 2
  }
}
