/// A learning rate over the steps of a run: a linear rise in the warm-up, and then a curve to the end. Pure: its only state
/// is the step, which the run counts.
public struct Schedule: Sendable {
  /// The rate that the curve leads to and from.
  public let base: Double
  /// Length and warm-up, with their unit.
  public let timeline: Timeline
  /// Where the warm-up starts from; no unit has this rate itself.
  public let warmupStart: Double
  /// What follows the warm-up.
  public let curve: any Curve

  /// A schedule of that curve.
  public init(base: Double, timeline: Timeline, warmupStart: Double = 0, curve: any Curve) {
    self.base = base
    self.timeline = timeline
    self.warmupStart = warmupStart
    self.curve = curve
  }

  /// Where the warm-up leads to: the curve's first rate.
  public var peak: Double { curve.peak(base) }

  /// The rate of step `step`, counted from 0. Steps after the end keep the end's rate; a warm-up that is longer than the
  /// run is cut with it.
  public func learningRate(atStep step: Int) -> Double {
    let unit = min(timeline.position(ofStep: step), max(timeline.total, 0))
    guard unit < timeline.warmup else {
      return curve.rate(base, at: CurvePlace(unit, of: timeline, warmupPrefix: curve.warmupPrefix))
    }
    let length = curve.isPeakBehindWarmup ? timeline.warmup + 1 : timeline.warmup
    return warmupStart + (peak - warmupStart) * Double(unit + 1) / Double(length)
  }
}
