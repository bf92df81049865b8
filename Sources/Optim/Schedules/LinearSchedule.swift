/// A straight line from the base rate to the minimum, after a linear warm-up: at e < w,
/// start + (base - start) (e + 1) / (w + 1); then minimum + (base - minimum) (T - e) / (T - w).
public struct LinearSchedule: Schedule {
  /// The rate after the warm-up.
  public let base: Double
  /// The rate at the end.
  public let minimum: Double
  /// Where the warm-up starts from.
  public let warmupStart: Double
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule from `base` to `minimum`.
  public init(base: Double, timeline: Timeline, minimum: Double = 0, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.minimum = minimum
    self.warmupStart = warmupStart
  }

  /// The rate of step `step`, counted from 0.
  public func learningRate(atStep step: Int) -> Double {
    let (e, w) = (timeline.position(ofStep: step), timeline.warmup)
    if e < w { return warmupStart + (base - warmupStart) * Double(e + 1) / Double(w + 1) }
    let left = max(0, Double(timeline.total - e) / Double(max(timeline.total - w, 1)))
    return minimum + (base - minimum) * left
  }
}
