import Dataset

/// The batches of an epoch, step by step. The batches of a step are known by their indices, so that a batch whose
/// samples are all bad, which the loader passes over, moves no other into another step.
final class StepBatches {
  private let batches: EpochIterator
  private let accumulation: Int
  /// Batches of the epoch that belong to a step.
  private let numUsed: Int
  private var current: Int?
  /// The first batch of the next step, where it came while this one's were asked for.
  private var ahead: Batch?

  init(_ batches: EpochIterator, of step: TrainStep.Options) {
    self.batches = batches
    accumulation = step.accumulation
    numUsed = min(batches.numBatches, step.numSteps(ofBatches: batches.numBatches) * step.accumulation)
  }

  /// Starts a step; `next` gives its batches.
  func beginStep() { current = nil }

  /// The next batch of the step; nil at its end, and at the end of the epoch.
  func next() throws -> Batch? {
    guard !isOver, let batch = try ahead ?? batches.next() else { return nil }
    ahead = nil
    guard batch.index < numUsed else { return nil }
    let step = batch.index / accumulation
    if let current, current != step {
      ahead = batch
      return nil
    }
    current = step
    return batch
  }

  /// Where the loader stands before the next step.
  var state: LoaderState {
    var state = batches.state
    if let ahead { state.nextBatch = ahead.index }
    return state
  }

  /// Whether all batches that belong to a step have been given.
  var isOver: Bool { state.nextBatch >= numUsed }

  /// Ends the epoch early.
  func cancel() { batches.cancel() }
}
