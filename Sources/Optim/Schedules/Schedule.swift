/// A learning rate over the steps of a run. Pure: its only state is the step, which the run counts.
public protocol Schedule: Sendable {
  /// The rate of step `step`, counted from 0. Steps after the end keep the end's rate.
  func learningRate(atStep step: Int) -> Double
}
