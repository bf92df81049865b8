public import Settings

extension LossScaler {
  /// Whose numbers a scaler takes where none are given.
  public enum Preset: String, Codable, Sendable, CaseIterable {
    /// PyTorch's GradScaler.
    case torch
    /// Colossal-AI's naive mixed precision.
    case colossal

    var constants: Options.Constants {
      switch self {
      case .torch: .init(initial: 65536, growth: 2, backoff: 0.5, interval: 2000, hysteresis: 1, minimum: 1)
      case .colossal: .init(initial: 65536, growth: 2, backoff: 0.5, interval: 1000, hysteresis: 2, minimum: 1)
      }
    }
  }

  /// What can be set: a preset, and changes to it.
  public struct Options: Validatable, Equatable {
    /// The numbers of a scaler's rule.
    struct Constants: Sendable, Equatable {
      var initial: Double
      var growth: Double
      var backoff: Double
      var interval: Int
      var hysteresis: Int
      var minimum: Double
    }

    /// Whose numbers are taken where none are given.
    public var preset = Preset.torch
    /// The first factor.
    public var initial: Double?
    /// What the factor is multiplied by after `interval` steps without an overflow.
    public var growth: Double?
    /// What it is multiplied by at an overflow.
    public var backoff: Double?
    /// Steps without an overflow between two growths.
    public var interval: Int?
    /// The overflow since the last growth from which on the factor falls.
    public var hysteresis: Int?
    /// The smallest factor: an overflow there ends the run.
    public var minimum: Double?

    /// PyTorch's.
    public init() {}

    /// The options of a preset.
    public init(_ preset: Preset) { self.preset = preset }

    var constants: Constants {
      var constants = preset.constants
      if let initial { constants.initial = initial }
      if let growth { constants.growth = growth }
      if let backoff { constants.backoff = backoff }
      if let interval { constants.interval = interval }
      if let hysteresis { constants.hysteresis = hysteresis }
      if let minimum { constants.minimum = minimum }
      return constants
    }

    /// Reports values out of range.
    public func validate(_ issues: inout IssueCollector) {
      if let minimum { issues.check("minimum", minimum, in: 1e-30...1e30) }
      if let initial { issues.check("initial", initial, in: 1e-30...1e30) }
      issues.check(
        constants.minimum <= constants.initial, "minimum", found: constants.minimum,
        "at most initial (\(constants.initial))", related: ["initial"])
      if let growth { issues.check("growth", growth, in: 1...1e6) }
      if let backoff { issues.check(backoff > 0 && backoff < 1, "backoff", found: backoff, "between 0 and 1") }
      if let interval { issues.check("interval", interval, in: 1...1_000_000) }
      if let hysteresis { issues.check("hysteresis", hysteresis, in: 1...1_000_000) }
    }
  }
}
