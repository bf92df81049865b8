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

  /// The length of what a curve spans: what follows the warm-up where that is a prefix, else the whole, of which the
  /// warm-up then hides the beginning.
  public func length(warmupPrefix: Bool) -> Int { max(0, total - (warmupPrefix ? warmup : 0)) }

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
}

/// How long a run is that a schedule spans.
public struct RunLength: Sendable, Equatable {
  /// Epochs; the last may be cut.
  public let numEpochs: Int
  /// Updates of the weights in a whole epoch.
  public let stepsPerEpoch: Int
  /// Updates of the weights in all.
  public let numSteps: Int

  /// Whole epochs.
  public init(numEpochs: Int, stepsPerEpoch: Int) {
    self.numEpochs = numEpochs
    self.stepsPerEpoch = stepsPerEpoch
    numSteps = numEpochs.multipliedReportingOverflow(by: stepsPerEpoch).overflow ? .max : numEpochs * stepsPerEpoch
  }

  /// So many steps, in as many epochs as they need.
  public init(numSteps: Int, stepsPerEpoch: Int) {
    self.numSteps = numSteps
    self.stepsPerEpoch = stepsPerEpoch
    numEpochs = numSteps > 0 ? (numSteps - 1) / max(stepsPerEpoch, 1) + 1 : 0
  }
}
