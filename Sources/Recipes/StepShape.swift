import Dataset
import Training

/// How the samples of a step are cut: over ranks, and into batches one after the other.
struct StepShape: Equatable {
  /// The samples of a batch, over all data ranks.
  let batchSize: Int
  /// Batches of a step.
  let accumulation: Int

  /// What the settings say, for so many ranks.
  init(batchSize: Int, accumulation: Int, numRanks: Int) {
    self.batchSize = batchSize * numRanks
    self.accumulation = accumulation
  }

  /// The step of a run that now has another number of ranks: as many samples as before, in as few batches as leave no
  /// rank more than its batch size.
  init(keeping numSamples: Int, batchSize: Int, numRanks: Int) {
    precondition(numSamples >= 1 && batchSize >= 1 && numRanks >= 1)
    let least = (numSamples + batchSize * numRanks - 1) / (batchSize * numRanks)
    accumulation = (least...numSamples).first { numSamples % $0 == 0 }!
    self.batchSize = numSamples / accumulation
  }

  /// The samples of a step that is whole.
  var numSamples: Int { batchSize * accumulation }
}
