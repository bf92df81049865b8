/// What becomes of the last batches of an epoch where they are fewer than a step accumulates.
public enum AccumulationTail: String, Codable, Sendable, CaseIterable {
  /// They make a step of their own, whose gradient is the mean over their samples.
  case step
  /// They are read and thrown away, as Colossal-AI's accumulating loader does: 22 batches at 16 a step are one step.
  case drop

  /// Optimizer steps that `numBatches` batches make.
  public func numSteps(ofBatches numBatches: Int, accumulation: Int) -> Int {
    switch self {
    case .step: (numBatches + accumulation - 1) / accumulation
    case .drop: numBatches / accumulation
    }
  }
}
