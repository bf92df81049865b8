/// The length of a schedule and its warm-up, with their unit: a count of epochs cannot be taken for one of steps.
/// A step is one update of the weights. All counts of a schedule, such as milestones, are in its timeline's unit.
public enum Timeline: Sendable, Equatable {
  /// The value changes at every step.
  case steps(total: Int, warmup: Int)
  /// The value changes at the start of each epoch of `stepsPerEpoch` steps.
  case epochs(total: Int, warmup: Int, stepsPerEpoch: Int)

  /// The whole length, in the timeline's unit.
  public var total: Int {
    switch self {
    case .steps(let total, _), .epochs(let total, _, _): total
    }
  }

  /// The length of the warm-up, in the timeline's unit.
  public var warmup: Int {
    switch self {
    case .steps(_, let warmup), .epochs(_, let warmup, _): warmup
    }
  }

  /// The length after the warm-up, in the timeline's unit.
  public var remainder: Int { length(warmupPrefix: true) }

  /// The length of what a formula spans: what follows the warm-up where that is a prefix, else the whole, of which the
  /// warm-up then hides the beginning.
  public func length(warmupPrefix: Bool) -> Int { max(0, total - (warmupPrefix ? warmup : 0)) }

  /// How far unit `unit` is from where a formula begins: at the end of the warm-up where that is a prefix, else at the
  /// start of the run.
  func passed(atUnit unit: Int, warmupPrefix: Bool) -> Int { max(0, unit - (warmupPrefix ? warmup : 0)) }

  /// The length of the warm-up in steps.
  public var warmupSteps: Int {
    switch self {
    case .steps(_, let warmup): warmup
    case .epochs(_, let warmup, let stepsPerEpoch): warmup * stepsPerEpoch
    }
  }

  /// Where step `step`, counted from 0, stands, in the timeline's unit.
  public func position(ofStep step: Int) -> Int {
    switch self {
    case .steps: step
    case .epochs(_, _, let stepsPerEpoch): step / max(stepsPerEpoch, 1)
    }
  }

  /// How much of what follows the warm-up has passed at unit `unit`: from 0, at the end of the warm-up, to 1. Stays 0
  /// where nothing follows it. Without `warmupPrefix`, how much of the whole.
  public func progress(atUnit unit: Int, warmupPrefix: Bool = true) -> Double {
    min(
      1, Double(passed(atUnit: unit, warmupPrefix: warmupPrefix)) / Double(max(length(warmupPrefix: warmupPrefix), 1)))
  }
}
