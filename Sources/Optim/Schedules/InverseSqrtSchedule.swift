public import Settings

/// One over the root of the time passed (Vaswani et al. 2017, arXiv:1706.03762; the timescale as in Zhai et al. 2021,
/// arXiv:2106.04560), after a linear warm-up: at e < w, start + (base - start) (e + 1) / w; then
/// base / sqrt(1 + (e - w) / s), and never below the minimum. The timescale s is the warm-up's length where none is
/// given.
public struct InverseSqrtSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// How many units after the warm-up the rate has fallen to base / √2; the warm-up's length if left out.
    public var timescale: Int?
    /// The lowest rate.
    public var minimum = 0.0

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check(
        timescale.map { (1...1_000_000_000).contains($0) } ?? (timing.warmupEpochs > 0 || timing.warmupSteps > 0),
        "timescale",
        found: timescale.map(String.init) ?? "nothing",
        "at least 1, a number of \(timing.unit.rawValue)s; it can be left out where there is a warm-up",
        related: ["warmup_epochs", "warmup_steps"])
      issues.check("minimum", minimum, in: 0...1000)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      InverseSqrtSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule that falls ever more slowly.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let scale = Double(max(1, options.timescale ?? timeline.warmup))
    return max(min(base, options.minimum), base / (1 + Double(unit - timeline.warmup) / scale).squareRoot())
  }
}
