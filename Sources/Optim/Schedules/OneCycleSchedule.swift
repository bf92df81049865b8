import Foundation
public import Settings

/// Up and down again (Smith, Topin 2017, arXiv:1708.07120; torch's OneCycleLR in its two phases). Over the n = T - w units
/// after a linear warm-up (at e < w, start + (first - start) (e + 1) / w), from first = base / div_factor at unit 0 to
/// base at unit pct_start n - 1, and on to first / final_div_factor at unit n - 1; each way is a cosine or a line. Momentum
/// stays as it is.
public struct OneCycleSchedule: WarmedUpSchedule, Equatable {
  /// The form of the ways up and down.
  public enum Anneal: String, Codable, Sendable, CaseIterable {
    /// Half a cosine.
    case cosine
    /// A straight line.
    case linear
  }

  /// What can be set.
  public struct Options: ScheduleShape {
    /// The share of the length in which the rate rises.
    public var pctStart = 0.3
    /// The base rate over the first rate.
    public var divFactor = 25.0
    /// The first rate over the last rate.
    public var finalDivFactor = 1e4
    /// The form of both ways.
    public var anneal = Anneal.cosine

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("pct_start", pctStart, in: 0...1)
      issues.check("div_factor", divFactor, in: 1...1e9)
      issues.check("final_div_factor", finalDivFactor, in: 1...1e12)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      OneCycleSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule of one cycle.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The cycle's first rate.
  public var peak: Double { base / options.divFactor }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let (place, length) = (Double(unit - timeline.warmup), Double(timeline.remainder))
    let (top, end) = (options.pctStart * length - 1, length - 1)
    if place <= top { return between(peak, base, top > 0 ? place / top : 1) }
    let progress = end > max(top, 0) ? (place - top) / (end - top) : 1
    return between(base, peak / options.finalDivFactor, min(1, max(0, progress)))
  }

  private func between(_ start: Double, _ end: Double, _ progress: Double) -> Double {
    switch options.anneal {
    case .cosine: end + (start - end) / 2 * (1 + cos(.pi * progress))
    case .linear: start + (end - start) * progress
    }
  }
}
