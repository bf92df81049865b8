// Where a loader stands, as kept in a checkpoint.

/// The position of a loader within its epochs, and what it has learned about its samples. A loader over the same set
/// with the same options goes on from here as if it had never stopped.
public struct LoaderState: Codable, Sendable, Hashable {
  /// The epoch.
  public var epoch: Int
  /// The batch of that epoch that comes next; equal to the number of batches once the epoch is over.
  public var nextBatch: Int
  /// The bad samples so far.
  public var badSamples: [BadSample]
  /// The seed of order and augmentation.
  public let seed: UInt64
  /// The samples of a batch over all ranks.
  public let batchSize: Int
  /// Whether a last batch that is not full is left out.
  public let dropLast: Bool
  /// The number of samples in the set.
  public let numSamples: Int
  /// The set's fingerprint, in hexadecimal.
  public let fingerprint: String
  /// How often a sample is repeated in an epoch; 1 where a state does not say.
  public let numRepeats: Int?

  /// What keeps this state from being continued by a loader that would save `other` and has
  /// `numBatches` in an epoch; nil where nothing does.
  func difference(from other: LoaderState, numBatches: Int) -> String? {
    if numSamples != other.numSamples { return "it has \(numSamples) samples, the set has \(other.numSamples)" }
    if fingerprint != other.fingerprint { return "files or classes of the set have changed" }
    if batchSize != other.batchSize { return "batch size \(batchSize) became \(other.batchSize)" }
    if seed != other.seed { return "seed \(seed) became \(other.seed)" }
    if dropLast != other.dropLast { return "drop_last \(dropLast) became \(other.dropLast)" }
    let (repeats, otherRepeats) = (numRepeats ?? 1, other.numRepeats ?? 1)
    if repeats != otherRepeats { return "repeats \(repeats) became \(otherRepeats)" }
    if epoch < 0 || !(0...numBatches).contains(nextBatch) { return "batch \(nextBatch) of epoch \(epoch) is no batch" }
    if badSamples.contains(where: { !(0..<numSamples).contains($0.sampleIndex) }) { return "a bad sample is no sample" }
    return nil
  }
}
