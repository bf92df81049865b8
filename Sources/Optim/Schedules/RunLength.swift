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
