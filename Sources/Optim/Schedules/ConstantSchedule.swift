/// The base rate throughout, after a linear warm-up: at e < w, start + (base - start) (e + 1) / w.
public struct ConstantSchedule: WarmedUpSchedule, Equatable {
  /// Nothing to set besides unit and warm-up.
  public struct Options: ScheduleShape {
    /// The only value.
    public init() {}

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      ConstantSchedule(base: base, timeline: timeline, warmupStart: warmupStart)
    }
  }

  /// The rate after the warm-up.
  public let base: Double
  /// The rise before it.
  public let warmup: Warmup
  /// Length and warm-up.
  public let timeline: Timeline

  /// A schedule of that base rate.
  public init(base: Double, timeline: Timeline, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    base
  }
}
