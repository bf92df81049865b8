/// A schedule that rises to its peak in the warm-up of its timeline, and then follows a formula of its own to the end.
public protocol WarmedUpSchedule: Schedule {
  /// The rate that the formula leads to and from.
  var base: Double { get }
  /// Length and warm-up, with their unit.
  var timeline: Timeline { get }
  /// The rise.
  var warmup: Warmup { get }
  /// Where the warm-up leads to.
  var peak: Double { get }
  /// The rate in unit `unit` of the run, counted from 0, at least the timeline's warm-up and at most its total.
  func rate(inUnit unit: Int) -> Double
}

extension WarmedUpSchedule {
  /// The base rate.
  public var peak: Double { base }

  /// The rate of step `step`, counted from 0. A warm-up that is longer than the run is cut with it.
  public func learningRate(atStep step: Int) -> Double {
    let unit = min(timeline.position(ofStep: step), max(timeline.total, 0))
    return unit < timeline.warmup
      ? warmup.rate(at: unit, of: timeline.warmup, to: peak) : rate(inUnit: unit)
  }
}
