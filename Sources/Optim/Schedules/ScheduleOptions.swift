public import Settings

/// What can be set of any schedule: what all have, and what its curve has.
public protocol AnyScheduleOptions: Validatable {
  /// The kind.
  associatedtype Kind: Curve
  /// Unit and warm-up.
  var timing: ScheduleTiming { get set }
  /// What follows the warm-up.
  var curve: Kind { get }
}

extension AnyScheduleOptions {
  /// The schedule of a run of `length` with the highest rate `base`.
  public func schedule(base: Double, length: RunLength) -> Schedule {
    Schedule(base: base, timeline: timing.timeline(length), warmupStart: timing.warmupStart, curve: curve)
  }
}

/// The settings of one kind of schedule. In YAML those that all kinds have and those of the kind stand side by side:
/// `{type: step, unit: epoch, warmup_epochs: 5, every: 30}`.
public struct ScheduleOptions<Kind: Curve>: AnyScheduleOptions, Equatable {
  /// Unit and warm-up.
  public var timing = ScheduleTiming()
  /// What follows the warm-up.
  public var curve = Kind()

  /// The defaults.
  public init() {}

  /// Reports values out of range and units that contradict each other.
  public func validate(_ issues: inout IssueCollector) {
    timing.validate(&issues)
    curve.validate(&issues, timing: timing)
  }
}

extension ScheduleOptions: Codable {
  /// Reads both from one mapping.
  public init(from decoder: any Decoder) throws {
    timing = try ScheduleTiming(from: decoder)
    curve = try Kind(from: decoder)
  }

  /// Writes both into one mapping.
  public func encode(to encoder: any Encoder) throws {
    try timing.encode(to: encoder)
    try curve.encode(to: encoder)
  }
}
