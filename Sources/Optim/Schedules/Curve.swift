import Foundation
public import Settings

/// The formula of a schedule behind its warm-up. Its stored numbers are the settings of the kind; a kind is such a value, a
/// row in `ScheduleFamily` and a table of rates in the tests.
public protocol Curve: Codable, Sendable, Equatable {
  /// The defaults.
  init()

  /// The rate at a place of the run.
  ///
  /// - Parameters:
  ///   - base: The highest rate, which the curve leads to and from.
  ///   - place: The place, at or behind the end of the warm-up.
  func rate(_ base: Double, at place: CurvePlace) -> Double

  /// Where the warm-up leads to: the base rate unless said otherwise.
  func peak(_ base: Double) -> Double

  /// How the warm-up of w units rises to the peak. In its unit e it has come f of the way: f = (e + 1) / w unless said
  /// otherwise, so that the warm-up's last unit has the peak, as has the first one behind it; that of Colossal-AI's
  /// schedules with warm-up, but for the linear one, and of torchtitan. Else f = (e + 1) / (w + 1), so that the first unit
  /// behind the warm-up is the first at the peak, as on one straight line.
  var isPeakBehindWarmup: Bool { get }

  /// Whether the curve begins at the end of the warm-up, as most do; else it begins with the run, and the warm-up hides its
  /// first part (timm's `warmup_prefix`).
  var warmupPrefix: Bool { get }

  /// Counts in the schedule's unit that have to lie within the run, by key. They begin where the curve does.
  var marks: [(key: String, value: Int)] { get }

  /// Reports values out of range.
  func validate(_ issues: inout IssueCollector, timing: ScheduleTiming)
}

extension Curve {
  /// The base rate.
  public func peak(_ base: Double) -> Double { base }

  /// In the warm-up's last unit.
  public var isPeakBehindWarmup: Bool { false }

  /// At the end of the warm-up.
  public var warmupPrefix: Bool { true }

  /// None.
  public var marks: [(key: String, value: Int)] { [] }

  /// Accepts every value.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {}
}

/// A place on a curve. Counts are in the schedule's unit, from where the curve begins.
public struct CurvePlace: Sendable, Equatable {
  /// Units since the curve began.
  public let passed: Int
  /// Units that the curve spans.
  public let length: Int
  /// Length of the warm-up, which lies in front of the curve or hides its first part.
  public let warmup: Int

  /// Unit `unit` of a timeline, counted from the start of the run.
  init(_ unit: Int, of timeline: Timeline, warmupPrefix: Bool) {
    passed = max(0, unit - (warmupPrefix ? timeline.warmup : 0))
    length = timeline.length(warmupPrefix: warmupPrefix)
    warmup = timeline.warmup
  }

  /// How much of the curve has passed: from 0 to 1 at the end. Stays 0 where the curve spans nothing.
  public var progress: Double { min(1, Double(passed) / Double(max(length, 1))) }
}

/// Half a cosine from `top` to `bottom`, as progress goes from 0 to 1 (Loshchilov, Hutter 2016, arXiv:1608.03983).
func halfCosine(from top: Double, to bottom: Double, _ progress: Double) -> Double {
  bottom + (top - bottom) * (1 + cos(.pi * progress)) / 2
}

/// The part `factor` of the base rate, but never below the minimum.
func part(_ factor: Double, of base: Double, notBelow minimum: Double) -> Double {
  max(min(base, minimum), base * factor)
}
