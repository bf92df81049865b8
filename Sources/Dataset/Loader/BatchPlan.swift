// Which samples make up which batch.

/// The batches of one epoch, cut from its order by index. A global batch is the same whatever the number of ranks; each
/// rank takes an even part of it.
public struct BatchPlan: Sendable {
  /// The samples of the epoch in order, over all ranks.
  public let order: [Int]
  /// The samples of a batch over all ranks.
  public let globalBatchSize: Int
  /// Which part of every batch is taken, 0 ..< numRanks.
  public let rank: Int
  /// Into how many parts every batch is cut.
  public let numRanks: Int
  /// Whether a last batch that is not full is left out.
  public let dropLast: Bool
  /// How often in a row the order names a sample.
  public let numRepeats: Int

  /// Cuts an order into batches.
  public init(
    order: [Int], globalBatchSize: Int, rank: Int = 0, numRanks: Int = 1, dropLast: Bool = false,
    numRepeats: Int = 1
  ) {
    precondition(globalBatchSize >= 1, "a batch holds at least one sample")
    precondition(numRanks >= 1 && (0..<numRanks).contains(rank), "rank \(rank) of \(numRanks)")
    self.order = order
    self.globalBatchSize = globalBatchSize
    self.rank = rank
    self.numRanks = numRanks
    self.dropLast = dropLast
    self.numRepeats = numRepeats
  }

  /// The number of batches in the epoch, equal on all ranks.
  public var numBatches: Int {
    Self.numBatches(numSamples: order.count, globalBatchSize: globalBatchSize, dropLast: dropLast)
  }

  /// The number of batches that `numSamples` samples make.
  public static func numBatches(numSamples: Int, globalBatchSize: Int, dropLast: Bool) -> Int {
    (dropLast ? numSamples : numSamples + globalBatchSize - 1) / globalBatchSize
  }

  /// The samples of this rank's part of a batch. A last batch that is not full is shared out as evenly as can be.
  public func samples(ofBatch batch: Int) -> [Int] { places(ofBatch: batch).map { order[$0] } }

  /// The number of each of those among the copies of its sample, 0 ..< numRepeats.
  public func copies(ofBatch batch: Int) -> [Int] { places(ofBatch: batch).map { $0 % numRepeats } }

  /// A rank takes neighbours; of copies, which are neighbours, each rank takes every numRanks-th, so that they go to
  /// different ranks.
  private func places(ofBatch batch: Int) -> StrideTo<Int> {
    precondition((0..<numBatches).contains(batch), "batch \(batch) of \(numBatches)")
    let start = batch * globalBatchSize
    let count = min(globalBatchSize, order.count - start)
    if numRepeats > 1 { return stride(from: start + rank, to: start + count, by: numRanks) }
    return stride(from: start + count * rank / numRanks, to: start + count * (rank + 1) / numRanks, by: 1)
  }
}
