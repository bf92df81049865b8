public import Settings

/// What can be set of any schedule: what all have, and what its kind has.
public protocol AnyScheduleOptions: Validatable {
  /// Unit and warm-up.
  var timing: ScheduleTiming { get set }
  /// The options of the kind.
  var kind: any ScheduleShape { get }
  /// The schedule of a run.
  func schedule(base: Double, length: RunLength) -> any WarmedUpSchedule
}

/// The settings of one kind of schedule. In YAML those that all kinds have and those of the kind stand side by side:
/// `{type: step, unit: epoch, warmup_epochs: 5, every: 30}`.
public struct ScheduleOptions<Shape: ScheduleShape>: AnyScheduleOptions, Equatable {
  /// Unit and warm-up.
  public var timing = ScheduleTiming()
  /// The options of the kind.
  public var shape = Shape()

  /// The defaults.
  public init() {}

  /// These options.
  public init(_ shape: Shape, timing: ScheduleTiming = ScheduleTiming()) {
    self.shape = shape
    self.timing = timing
  }

  /// The options of the kind.
  public var kind: any ScheduleShape { shape }

  /// Reports values out of range and units that contradict each other.
  public func validate(_ issues: inout IssueCollector) {
    timing.validate(&issues)
    shape.validate(&issues, timing: timing)
  }

  /// The schedule of a run of `length` with the highest rate `base`.
  public func schedule(base: Double, length: RunLength) -> any WarmedUpSchedule {
    shape.schedule(base: base, timeline: timing.timeline(length), warmupStart: timing.warmupStart)
  }
}

extension ScheduleOptions: Codable {
  /// Reads both from one mapping.
  public init(from decoder: any Decoder) throws {
    timing = try ScheduleTiming(from: decoder)
    shape = try Shape(from: decoder)
  }

  /// Writes both into one mapping.
  public func encode(to encoder: any Encoder) throws {
    try timing.encode(to: encoder)
    try shape.encode(to: encoder)
  }
}
