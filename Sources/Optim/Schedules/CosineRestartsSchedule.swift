import Foundation
public import Settings

/// Several cosines one after the other (SGDR: Loshchilov, Hutter 2016, arXiv:1608.03983; timm's CosineLRScheduler), after
/// a linear warm-up: at e < w, start + (base - start) (e + 1) / w. The T - w units after it (all T where the warm-up is no
/// prefix) are filled by n cycles, each m times as long as the one before; cycle i starts at base d^i and ends at the
/// minimum, as `CosineSchedule` does.
public struct CosineRestartsSchedule: WarmedUpSchedule, Equatable {
  /// What can be set.
  public struct Options: ScheduleShape {
    /// Number of cycles.
    public var cycles = 2
    /// Length of a cycle as a multiple of the one before.
    public var cycleMultiplier = 1.0
    /// What a cycle starts with, as a multiple of the one before.
    public var cycleDecay = 1.0
    /// The rate at the end of each cycle.
    public var minimum = 0.0
    /// The exponent of the progress within a cycle; see `CosineSchedule`.
    public var kDecay = 1.0
    /// Whether the first cycle begins at the end of the warm-up; see `CosineSchedule`.
    public var warmupPrefix = true

    /// The defaults.
    public init() {}

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {
      issues.check("cycles", cycles, in: 1...1000)
      issues.check("cycle_multiplier", cycleMultiplier, in: 0.1...10)
      issues.check(cycleDecay > 0 && cycleDecay <= 1, "cycle_decay", found: cycleDecay, "more than 0 and at most 1")
      issues.check("minimum", minimum, in: 0...1000)
      issues.check("k_decay", kDecay, in: 0.01...100)
    }

    /// A schedule with these options.
    public func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule {
      CosineRestartsSchedule(base: base, timeline: timeline, options: self, warmupStart: warmupStart)
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

  /// A schedule of several cycles.
  public init(base: Double, timeline: Timeline, options: Options, warmupStart: Double = 0) {
    self.base = base
    self.timeline = timeline
    self.options = options
    warmup = Warmup(start: warmupStart)
  }

  /// The rate in unit `unit` of the run; see `WarmedUpSchedule`.
  public func rate(inUnit unit: Int) -> Double {
    let passed = Double(timeline.passed(atUnit: unit, warmupPrefix: options.warmupPrefix))
    let shares = (0..<options.cycles).map { pow(options.cycleMultiplier, Double($0)) }
    let first = Double(timeline.length(warmupPrefix: options.warmupPrefix)) / shares.reduce(0, +)
    var (cycle, start) = (0, 0.0)
    // A cycle begins in the unit that its beginning falls on, whatever the last digit of the sum says.
    while cycle + 1 < options.cycles, start + first * shares[cycle] <= passed + 1e-9 {
      start += first * shares[cycle]
      cycle += 1
    }
    let length = first * shares[cycle]
    let progress = length > 0 ? min(1, max(0, passed - start) / length) : 0
    let top = max(options.minimum, base * pow(options.cycleDecay, Double(cycle)))
    return options.minimum + (top - options.minimum) * (1 + cos(.pi * pow(progress, options.kDecay))) / 2
  }
}
