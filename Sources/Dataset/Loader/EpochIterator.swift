// The batches of one epoch, in order.

import Augment

/// Goes through the batches of an epoch. To be used by one thread; let go of it, or call `cancel`, to end early.
public final class EpochIterator {
  /// The epoch.
  public let epoch: Int
  /// The number of batches in the whole epoch.
  public let numBatches: Int
  private let loader: DataLoader
  private let plan: BatchPlan
  private let skipping: Set<Int>
  private var workers: DecodeWorkers?
  private var position: Int
  private var failure: (any Error)?
  private var isCancelled = false
  /// The samples found bad so far, where no workers keep count.
  private var knownBad: Set<Int> = []

  init(loader: DataLoader, epoch: Int, plan: BatchPlan, startingAtBatch start: Int) throws {
    precondition((0...plan.numBatches).contains(start), "batch \(start) of \(plan.numBatches)")
    self.loader = loader
    self.epoch = epoch
    self.plan = plan
    numBatches = plan.numBatches
    position = start
    skipping = loader.badSamples.indices
    if loader.options.numWorkers > 0 {
      workers = try DecodeWorkers(
        numWorkers: loader.options.numWorkers, prefetch: loader.options.prefetch, maker: loader.maker, plan: plan,
        epoch: epoch, startingAtBatch: start, skipping: skipping, allocator: loader.allocator)
    }
  }

  deinit { workers?.cancel() }

  /// The position after the last batch that `next` gave, fit to be saved with the weights that this batch led to.
  public var state: LoaderState { loader.state(epoch: epoch, nextBatch: position) }

  /// The next batch, or nil at the end of the epoch. Throws a `DataLoaderError`, and again at every further call. A batch
  /// whose samples are all bad is passed over, except where several ranks have to go in step.
  public func next() throws -> Batch? {
    if let failure { throw failure }
    do {
      while position < numBatches, let built = try makeNext() {
        try loader.takeNote(of: built.bad)
        position = built.batch.index + 1
        if built.batch.count > 0 || plan.numRanks > 1 { return built.batch }
      }
      cancel()
      return nil
    } catch {
      failure = error
      workers?.cancel()
      throw error
    }
  }

  /// Ends the epoch early: all worker threads have ended when this returns, and `next` gives nil.
  public func cancel() {
    workers?.cancel()
    isCancelled = true
  }

  private func makeNext() throws -> BuiltBatch? {
    if isCancelled { return nil }
    if let workers { return try workers.next() }
    let maker = loader.maker
    let batch = try OpenBatch(
      index: position, of: plan, numBytes: maker.pipeline.numBytes, allocator: loader.allocator)
    let slots = batch.claim(upTo: batch.samples.count)
    let pipeline = maker.pipeline(epoch: epoch, batch: position)
    let outcomes = slots.map { slot in
      maker.make(
        batch.samples[slot], copy: batch.copies[slot], epoch: epoch, pipeline: pipeline, skipping: skipping,
        into: batch.pixels + slot * batch.numBytes)
    }
    batch.finish(slots, outcomes)
    return try batch.seal(epoch: epoch, maker: maker, knownBad: &knownBad)
  }
}

// The threads that make the batches of an epoch ahead of their use.
//
// All workers make samples of the same batch and go on to the next when all its samples are taken; batches enter the
// channel in order. At most `prefetch` batches are begun and not yet taken out, and no worker waits with a batch in its
// hands, so memory is bounded and the first batch comes as early as can be.

/// The workers of one epoch.
final class DecodeWorkers: @unchecked Sendable {
  private let maker: SampleMaker
  private let plan: BatchPlan
  private let epoch: Int
  private let prefetch: Int
  private let chunk: Int
  private let allocator: any BatchAllocator
  private let skipping: Set<Int>
  private let channel: BoundedChannel<BuiltBatch>
  private let condition = Condition()
  private var threads: [WorkerThread] = []
  // Guarded by `condition`:
  private var nextBatch: Int
  private var open: [OpenBatch] = []
  private var numOutstanding = 0
  private var knownBad: Set<Int> = []
  private var isEnded = false
  /// What ends the epoch once the batches before it are delivered.
  private var failure: (any Error)?

  /// Starts the threads. Throws `DataLoaderError.noThread`.
  init(
    numWorkers: Int, prefetch: Int, maker: SampleMaker, plan: BatchPlan, epoch: Int, startingAtBatch start: Int,
    skipping: Set<Int>, allocator: any BatchAllocator
  ) throws {
    self.maker = maker
    self.plan = plan
    self.epoch = epoch
    self.prefetch = prefetch
    self.skipping = skipping
    self.allocator = allocator
    // Small samples are taken several at a time, yet so that all workers share even a small batch.
    chunk = max(1, min(16, plan.globalBatchSize / plan.numRanks / (4 * numWorkers)))
    nextBatch = start
    channel = BoundedChannel(capacity: prefetch)
    if start == plan.numBatches { channel.close() }
    do {
      for _ in 0..<numWorkers { threads.append(try WorkerThread { self.work() }) }
    } catch {
      cancel()
      throw error
    }
  }

  /// The next batch in order; nil at the end of the epoch. Throws what made a worker fail.
  func next() throws -> sending BuiltBatch? {
    let built = try channel.pop()
    condition.withLock {
      numOutstanding -= 1
      condition.broadcast()
    }
    return built
  }

  /// Ends the work and waits for all threads; what was made is freed. To be called by the thread that calls `next`.
  func cancel() {
    condition.withLock {
      isEnded = true
      condition.broadcast()
    }
    channel.cancel()
    for thread in threads { thread.join() }
    condition.withLock { open = [] }
  }

  private func work() {
    while let (batch, slots) = claim() {
      let pipeline = maker.pipeline(epoch: epoch, batch: batch.index)
      let outcomes = slots.map { slot in
        maker.make(
          batch.samples[slot], copy: batch.copies[slot], epoch: epoch, pipeline: pipeline, skipping: skipping,
          into: batch.pixels + slot * batch.numBytes)
      }
      condition.withLock {
        batch.finish(slots, outcomes)
        deliver()
      }
    }
  }

  /// Samples to make; waits while enough is made ahead, nil when nothing is left.
  private func claim() -> (OpenBatch, Range<Int>)? {
    condition.withLock {
      while !isEnded {
        if let batch = open.last, !batch.isWhollyClaimed { return (batch, batch.claim(upTo: chunk)) }
        if nextBatch == plan.numBatches { return nil }
        if numOutstanding < prefetch { begin() } else { condition.wait() }
      }
      return nil
    }
  }

  /// Opens the next batch.
  private func begin() {
    do {
      open.append(
        try OpenBatch(
          index: nextBatch, of: plan, numBytes: maker.pipeline.numBytes, allocator: allocator))
      numOutstanding += 1
      nextBatch += 1
      // A rank's part of a short last batch can be empty, and then nobody ever finishes a sample of it.
      deliver()
      condition.broadcast()
    } catch {
      failure = error
      nextBatch = plan.numBatches
      deliver()
    }
  }

  /// Moves the batches that are done into the channel, in order. The channel has room for all that are outstanding.
  private func deliver() {
    while !isEnded, let batch = open.first, batch.isDone {
      open.removeFirst()
      do {
        // Nothing else refers to a sealed batch.
        nonisolated(unsafe) let built = try batch.seal(epoch: epoch, maker: maker, knownBad: &knownBad)
        channel.push(built)
      } catch {
        end(error)
      }
    }
    if !isEnded, open.isEmpty, nextBatch == plan.numBatches { end(failure) }
  }

  private func end(_ error: (any Error)?) {
    isEnded = true
    if let error { channel.fail(error) } else { channel.close() }
    condition.broadcast()
  }
}

// A batch while its samples are being made.

/// The memory of a batch and what has become of each of its samples. Guarded by its owner's lock, except that every
/// worker writes the pixels of the samples it has claimed.
final class OpenBatch {
  /// What became of a sample.
  enum Outcome {
    case good
    case bad(BadSample)
    /// Known to be bad from before: left out without a word.
    case skipped
    /// The system failed, not the sample.
    case failed(any Error)
  }

  let index: Int
  let samples: [Int]
  /// The number of each among the copies of its sample.
  let copies: [Int]
  /// The place of each in the batch over all ranks.
  private let places: [Int]
  private let share: BatchShare
  /// Of each sample.
  let numBytes: Int
  let pixels: UnsafeMutableRawPointer
  private var memory: BatchMemory?
  private var outcomes: [Outcome?]
  private var numClaimed = 0
  private var numDone = 0

  /// A batch of a plan, with `numBytes` bytes for each sample.
  init(index: Int, of plan: BatchPlan, numBytes: Int, allocator: any BatchAllocator) throws {
    let samples = plan.samples(ofBatch: index)
    let memory = try allocator.allocate(byteCount: max(samples.count, 1) * numBytes)
    self.index = index
    self.samples = samples
    copies = plan.copies(ofBatch: index)
    share = plan.share(ofBatch: index)
    places = Array(share.places(of: plan.rank))
    self.numBytes = numBytes
    pixels = memory.pointer
    self.memory = consume memory
    outcomes = Array(repeating: nil, count: samples.count)
  }

  var isWhollyClaimed: Bool { numClaimed == samples.count }
  var isDone: Bool { numDone == samples.count }

  /// The slots of up to `limit` samples that nobody makes yet.
  func claim(upTo limit: Int) -> Range<Int> {
    let start = numClaimed
    numClaimed = min(samples.count, start + limit)
    return start..<numClaimed
  }

  /// Takes note of what became of the samples in `slots`.
  func finish(_ slots: Range<Int>, _ results: [Outcome]) {
    for (slot, result) in zip(slots, results) { outcomes[slot] = result }
    numDone += slots.count
  }

  /// The batch of the good samples, moved together, and the bad ones. Throws what made the system fail.
  /// - Parameter knownBad: the samples that were bad in an earlier batch of the epoch; those of this one are added. A copy
  ///   of such a sample is left out even if its own crop is whole, as it is after a resumption.
  func seal(epoch: Int, maker: SampleMaker, knownBad: inout Set<Int>) throws -> BuiltBatch {
    var good: [Int] = []
    var placesOfGood: [Int] = []
    var bad: [BadSample] = []
    for case .bad(let sample) in outcomes { knownBad.insert(sample.sampleIndex) }
    for (slot, outcome) in outcomes.enumerated() {
      switch outcome {
      case .good where knownBad.contains(samples[slot]): break
      case .good:
        if slot != good.count {
          (pixels + good.count * numBytes).copyMemory(from: pixels + slot * numBytes, byteCount: numBytes)
        }
        good.append(samples[slot])
        placesOfGood.append(places[slot])
      case .bad(let sample): bad.append(sample)
      case .skipped: break
      case .failed(let error): throw error
      case nil: preconditionFailure("batch \(index) was sealed before its samples were made")
      }
    }
    guard let memory = memory.take() else { preconditionFailure("batch \(index) was sealed twice") }
    let batch = Batch(
      epoch: epoch, index: index, height: maker.pipeline.outputHeight, width: maker.pipeline.outputWidth,
      labels: good.map { Int64(maker.source.label(at: $0)) }, sampleIndices: good, places: placesOfGood,
      share: share, deferred: maker.pipeline.deferred, source: maker.source, memory: memory)
    return BuiltBatch(batch: batch, bad: bad)
  }
}

/// A batch with the bad samples that were found while it was made.
struct BuiltBatch {
  let batch: Batch
  let bad: [BadSample]
}
