// Why a loader stopped.

/// What ends a loader.
public enum DataLoaderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The set holds no sample.
  case emptySet
  /// The last batch is dropped, and there is no other.
  case noFullBatch(numSamples: Int, batchSize: Int)
  /// A sample is bad and `onError` is `.stop`.
  case badSample(BadSample)
  /// More samples are bad than a run may go on without.
  case tooManyBadSamples(numBad: Int, numSamples: Int, maxBadFraction: Double, example: BadSample)
  /// A saved position belongs to another set or to other options.
  case stateMismatch(String)
  /// No memory for a batch.
  case outOfMemory(byteCount: Int)
  /// The system grants no more threads.
  case noThread(reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .emptySet:
      return "the set holds no samples; check the data path"
    case .noFullBatch(let numSamples, let batchSize):
      return "\(numSamples) samples do not fill one batch of \(batchSize) and the last batch is dropped; choose a "
        + "smaller batch or keep the last one"
    case .badSample(let sample):
      return "bad sample \(sample); repair or remove the file, or set data.on_error to skip"
    case .tooManyBadSamples(let numBad, let numSamples, let fraction, let example):
      return "\(numBad) of \(numSamples) samples are bad, above the limit of \(percent(fraction)) %, for example "
        + "\(example); repair or remove them, or raise data.maximum_bad_fraction"
    case .stateMismatch(let difference):
      return "the saved position does not fit this run: \(difference); resume with the same data and settings, or "
        + "start a new run"
    case .outOfMemory(let byteCount):
      return "no memory for a batch of \(byteCount) bytes; choose a smaller batch or less prefetch"
    case .noThread(let reason):
      return "cannot start a worker thread: \(reason); use fewer workers"
    }
  }

  private func percent(_ fraction: Double) -> String {
    let hundredths = (fraction * 10_000).rounded() / 100
    return hundredths == hundredths.rounded() ? String(Int(hundredths)) : String(hundredths)
  }
}
