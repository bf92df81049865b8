import Foundation

/// Half a cosine from the base rate to the minimum (Loshchilov, Hutter 2016, arXiv:1608.03983), after a linear warm-up:
/// at e < w, start + (base - start) (e + 1) / w; then minimum + (base - minimum) (1 + cos(π (e - w) / (T - w))) / 2.
public struct CosineSchedule: Schedule {
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
    if e < w { return warmupStart + (base - warmupStart) * Double(e + 1) / Double(w) }
    let progress = min(1, Double(e - w) / Double(max(timeline.total - w, 1)))
    return minimum + (base - minimum) * (1 + cos(.pi * progress)) / 2
  }
}
