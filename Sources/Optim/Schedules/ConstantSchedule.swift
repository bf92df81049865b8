/// The base rate throughout, after a linear warm-up: at e < w, start + (base - start) (e + 1) / w.
public struct ConstantSchedule: Schedule {
  /// The rate after the warm-up.
  public let base: Double
  /// Where the warm-up starts from.
  public let warmupStart: Double
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule of that base rate.
  public init(base: Double, timeline: Timeline, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.warmupStart = warmupStart
  }

  /// The rate of step `step`, counted from 0.
  public func learningRate(atStep step: Int) -> Double {
    let (e, w) = (timeline.position(ofStep: step), timeline.warmup)
    return e < w ? warmupStart + (base - warmupStart) * Double(e + 1) / Double(w) : base
  }
}
