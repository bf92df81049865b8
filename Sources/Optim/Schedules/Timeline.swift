/// The length of a schedule and its warm-up, with their unit: a count of epochs cannot be taken for one of steps.
/// A step is one update of the weights.
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

  /// Where step `step`, counted from 0, stands, in the timeline's unit.
  public func position(ofStep step: Int) -> Int {
    switch self {
    case .steps: step
    case .epochs(_, _, let stepsPerEpoch): step / max(stepsPerEpoch, 1)
    }
  }
}
