// From a set of encoded images to batches of float32 pixels.
//
// Every pixel is a pure function of (seed, epoch, sample, copy) and every batch of (sampler, epoch, batch index): the number
// of workers, the prefetch depth, the cache and the point of resumption change nothing.

public import Augment
import Settings

/// Loads the batches of a set, epoch by epoch.
public final class DataLoader: Sendable {
  /// The set.
  public let source: any SampleSource
  /// The settings.
  public let options: Options
  /// The samples that turned out bad.
  public let badSamples: BadSampleLog
  /// Which part of every batch this process takes.
  public let rank: Int
  /// Into how many parts every batch is cut.
  public let numRanks: Int
  let sampler: any Sampler
  let allocator: any BatchAllocator
  let maker: SampleMaker
  private let fingerprint: String

  /// A loader over `source`. `pipeline` makes the pixels, `sampler` the order; `onBadSample` is called once for each bad
  /// sample, when the batch that lacks it is asked for. Throws `OptionsError` or
  /// `DataLoaderError` for options or a set that cannot work.
  public init(
    source: any SampleSource, pipeline: any SamplePipeline, sampler: any Sampler, options: Options = Options(),
    allocator: any BatchAllocator = RecyclingAllocator(), rank: Int = 0, numRanks: Int = 1,
    onBadSample: (@Sendable (BadSample) -> Void)? = nil
  ) throws {
    try options.validated(as: "loader options")
    if source.count == 0 { throw DataLoaderError.emptySet }
    let numPlaces = sampler.numPlaces(count: source.count)
    if options.dropLast, numPlaces < options.batchSize {
      throw DataLoaderError.noFullBatch(numSamples: numPlaces, batchSize: options.batchSize)
    }
    self.source = source
    self.options = options
    self.sampler = sampler
    self.allocator = allocator
    self.rank = rank
    self.numRanks = numRanks
    badSamples = BadSampleLog(
      numSamples: source.count, maxBadFraction: options.maxBadFraction, onNew: onBadSample)
    fingerprint = String(source.fingerprint, radix: 16)
    maker = SampleMaker(source: source, pipeline: pipeline, options: options)
  }

  /// The number of batches in an epoch.
  public var numBatches: Int {
    BatchPlan.numBatches(
      numSamples: sampler.numPlaces(count: source.count), globalBatchSize: options.batchSize,
      dropLast: options.dropLast)
  }

  /// Begins an epoch, at its start or in its middle (0 ... numBatches). Throws where no thread can be started.
  public func makeEpoch(_ epoch: Int, startingAtBatch start: Int = 0) throws -> EpochIterator {
    let plan = BatchPlan(
      order: sampler.order(epoch: epoch, count: source.count), globalBatchSize: options.batchSize, rank: rank,
      numRanks: numRanks, dropLast: options.dropLast, numRepeats: sampler.numRepeats)
    return try EpochIterator(loader: self, epoch: epoch, plan: plan, startingAtBatch: start)
  }

  /// Checks the headers of all samples on `numThreads` threads, without decoding. Bad ones are treated as if a batch had
  /// found them, so that this throws with `onError: .stop`, or where their share is too large.
  @discardableResult
  public func scanHeaders(numThreads: Int) throws -> HeaderScan {
    let scan = try HeaderScan(
      source, decoder: maker.decoder, fileByteLimit: options.fileByteLimit, numThreads: numThreads)
    try takeNote(of: scan.bad)
    return scan
  }

  /// The state of a loader that stands before batch `nextBatch` of `epoch`.
  public func state(epoch: Int, nextBatch: Int) -> LoaderState {
    LoaderState(
      epoch: epoch, nextBatch: nextBatch, badSamples: badSamples.samples, seed: options.seed,
      batchSize: options.batchSize, dropLast: options.dropLast, numSamples: source.count, fingerprint: fingerprint,
      numRepeats: sampler.numRepeats)
  }

  /// Takes over the bad samples of a saved state and begins its epoch where it stood. Throws
  /// `DataLoaderError.stateMismatch` where the state belongs to another set or other options.
  public func resume(from state: LoaderState) throws -> EpochIterator {
    if let difference = state.difference(from: self.state(epoch: 0, nextBatch: 0), numBatches: numBatches) {
      throw DataLoaderError.stateMismatch(difference)
    }
    badSamples.restore(state.badSamples)
    return try makeEpoch(state.epoch, startingAtBatch: state.nextBatch)
  }

  func takeNote(of bad: [BadSample]) throws {
    if options.onError == .stop, let first = bad.first { throw DataLoaderError.badSample(first) }
    try badSamples.add(bad)
  }
}
