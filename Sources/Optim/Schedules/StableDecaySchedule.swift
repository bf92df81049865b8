import Foundation
public import Settings

/// The base rate, and then a fall over the last part of the run (warm-up, stable, decay: Hu et al. 2024, arXiv:2404.06395;
/// Hägele et al. 2024, arXiv:2405.18392), after a linear warm-up: at e < w, start + (base - start) (e + 1) / w; then the
/// base rate; in the last D = round(decay_fraction T) units, of which the warm-up takes none,
/// minimum + (base - minimum) f(x) with x = (e - (T - D)) / D and f = 1 - x, (1 + cos(π x)) / 2 or 1 - √x.
public struct StableDecaySchedule: WarmedUpSchedule, Equatable {
  /// The form of the fall.
  public enum Decay: String, Codable, Sendable, CaseIterable {
    /// A straight line.
    case linear
    /// Half a cosine.
    case cosine
    /// One minus a root: fast at first, slow at the end.
    case sqrt
  }

  /// What can be set.
  public struct Options: ScheduleShape {
    /// The share of the run, warm-up included, in which the rate falls.
    public var decayFraction = 0.2
    /// The form of the fall.
    public var decay = Decay.linear
    /// The rate at the end.
    public var minimum = 0.0

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("decay_fraction", decayFraction, in: 0...1)
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      StableDecaySchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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
    let length = min(timeline.remainder, Int((options.decayFraction * Double(timeline.total)).rounded()))
    let falling = unit - (timeline.total - length)
    guard falling > 0, length > 0 else { return base }
    let progress = min(1, Double(falling) / Double(length))
    let left =
      switch options.decay {
      case .linear: 1 - progress
      case .cosine: (1 + cos(.pi * progress)) / 2
      case .sqrt: 1 - progress.squareRoot()
      }
    return options.minimum + (base - options.minimum) * left
  }
}
