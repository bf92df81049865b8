public import Settings

/// What can be set of one kind of schedule, besides its unit and warm-up, which all have (`ScheduleTiming`). Stands
/// beside the schedule, as its `Options`.
public protocol ScheduleShape: Codable, Sendable, Equatable {
  /// The defaults.
  init()

  /// Counts in the schedule's unit that have to lie within the run, by key. They begin where the formula does.
  var marks: [(key: String, value: Int)] { get }

  /// Whether the formula begins at the end of the warm-up, and not with the run.
  var warmupPrefix: Bool { get }

  /// Reports values out of range.
  func validate(_ issues: inout IssueCollector, timing: ScheduleTiming)

  /// A schedule with these options.
  func schedule(base: Double, timeline: Timeline, warmupStart: Double) -> any WarmedUpSchedule
}

extension ScheduleShape {
  /// None.
  public var marks: [(key: String, value: Int)] { [] }

  /// At the end of the warm-up.
  public var warmupPrefix: Bool { true }

  /// Accepts every value.
  public func validate(_ issues: inout IssueCollector, timing: ScheduleTiming) {}
}
