// From a set of encoded images to batches of pixels, float32 or uint8 as the pipeline gives them.
//
// Every pixel is a pure function of (seed, epoch, sample, copy) and every batch of (sampler, epoch, batch index): the number
// of workers, the prefetch depth, the cache and the point of resumption change nothing.

public import Augment
public import Settings

/// Loads the batches of a set, epoch by epoch.
public final class DataLoader: Sendable {
  /// The set.
  public let source: any SampleSource
  /// The settings.
  public let options: Options
  /// The samples that turned out bad.
  public let badSamples: BadSampleLog
  /// This process's number among those that share the batches.
  public let rank: Int
  /// The number of these.
  public let numRanks: Int
  /// How they share a batch.
  public let sharing: BatchSharing
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
    sharing: BatchSharing = .parts, onBadSample: (@Sendable (BadSample) -> Void)? = nil
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
    self.sharing = sharing
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
      numRanks: numRanks, sharing: sharing, dropLast: options.dropLast, numRepeats: sampler.numRepeats)
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

  /// Takes over the bad samples of a saved state and begins its epoch where it stood, also with batches of another size
  /// where one of them begins there. Throws `DataLoaderError.stateMismatch` where the state belongs to another set or other
  /// options.
  public func resume(from saved: LoaderState) throws -> EpochIterator {
    let state = saved.recut(
      intoBatchesOf: options.batchSize, numBatches: numBatches, numPlaces: sampler.numPlaces(count: source.count))
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

// What a user sets of a loader.

extension DataLoader {
  /// What happens at a bad sample.
  public enum ErrorPolicy: String, Codable, Sendable, CaseIterable {
    /// It is named once, left out, counted and listed.
    case skip
    /// The loader stops with its name.
    case stop
  }

  /// What is kept in memory from one epoch to the next. The pixels are the same with and without.
  public enum CachePolicy: String, Codable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// The bytes of the files.
    case encoded
    /// The decoded images: for small sets of small images.
    case decoded
  }

  /// The settings of a loader.
  public struct Options: Validatable, Hashable {
    /// The samples of a batch over all ranks.
    public var batchSize = 64
    /// Threads that read and decode; with 0, the thread that asks for a batch makes it itself.
    public var numWorkers = 2
    /// Batches made ahead of the one in use, at least 1. Memory is bounded by this number and one more.
    public var prefetch = 4
    /// The seed of the augmentation; a `ShuffledSampler` has its own.
    public var seed: UInt64 = 0
    /// Whether a last batch that is not full is left out.
    public var dropLast = false
    /// What happens at a bad sample.
    public var onError = ErrorPolicy.skip
    /// The share of different bad samples above which the loader stops all the same.
    public var maxBadFraction = 0.01
    /// What is kept in memory.
    public var cache = CachePolicy.none
    /// How many bytes the cache may hold; samples past it are read anew in each epoch.
    public var cacheByteLimit = 1 << 30
    /// The largest file that is read, in bytes.
    public var fileByteLimit = FileReader.defaultLimit
    /// The largest image that is decoded, in pixels.
    public var maxPixels = ImageDecoder().maxPixels
    /// Bytes that decoding may take at a time, over all workers; an image that needs more is decoded alone.
    public var memoryLimit = SystemMemory.decodingShare
    /// Whether a JPEG may be decoded at a half, a quarter or an eighth of its size where that is enough: faster on large
    /// photos, not quite the same pixels, never for evaluation.
    public var dctScaling = false

    /// The defaults.
    public init() {}

    /// Checks the values, and what they mean together.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("batch_size", batchSize, in: 1...1_000_000)
      issues.check("num_workers", numWorkers, in: 0...1024)
      issues.check("prefetch", prefetch, in: 1...1024)
      issues.check("max_bad_fraction", maxBadFraction, in: 0...1)
      issues.check("cache_byte_limit", cacheByteLimit, atLeast: 0)
      issues.check("file_byte_limit", fileByteLimit, atLeast: 1)
      issues.check("max_pixels", maxPixels, in: ImageDecoder.pixelLimits)
      issues.check("memory_limit", memoryLimit, atLeast: 1)
      issues.check(
        !(dctScaling && cache == .decoded), "dct_scaling", found: dctScaling,
        "false with cache: decoded, which keeps images in full size", related: ["cache"])
    }
  }
}

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
  public private(set) var batchSize: Int
  /// Whether a last batch that is not full is left out.
  public let dropLast: Bool
  /// The number of samples in the set.
  public let numSamples: Int
  /// The set's fingerprint, in hexadecimal.
  public let fingerprint: String
  /// How often a sample is repeated in an epoch; 1 where a state does not say.
  public let numRepeats: Int?

  /// The same place among batches of another size; the state as it is where none of them begins there.
  func recut(intoBatchesOf size: Int, numBatches: Int, numPlaces: Int) -> LoaderState {
    guard size != batchSize, batchSize >= 1, nextBatch >= 0 else { return self }
    let (place, overflows) = nextBatch.multipliedReportingOverflow(by: batchSize)
    let isOver = !overflows && place >= numPlaces
    guard !overflows, isOver || place % size == 0 else { return self }
    var state = self
    state.batchSize = size
    state.nextBatch = isOver ? numBatches : place / size
    return state
  }

  /// What keeps this state from being continued by a loader that would save `other` and has
  /// `numBatches` in an epoch; nil where nothing does.
  func difference(from other: LoaderState, numBatches: Int) -> String? {
    if numSamples != other.numSamples { return "it has \(numSamples) samples, the set has \(other.numSamples)" }
    if fingerprint != other.fingerprint { return "files or classes of the set have changed" }
    if batchSize != other.batchSize {
      return "batch size \(batchSize) became \(other.batchSize), of which none begins behind batch \(nextBatch)"
    }
    if seed != other.seed { return "seed \(seed) became \(other.seed)" }
    if dropLast != other.dropLast { return "drop_last \(dropLast) became \(other.dropLast)" }
    let (repeats, otherRepeats) = (numRepeats ?? 1, other.numRepeats ?? 1)
    if repeats != otherRepeats { return "repeats \(repeats) became \(otherRepeats)" }
    if epoch < 0 || !(0...numBatches).contains(nextBatch) { return "batch \(nextBatch) of epoch \(epoch) is no batch" }
    if badSamples.contains(where: { !(0..<numSamples).contains($0.sampleIndex) }) { return "a bad sample is no sample" }
    return nil
  }
}
