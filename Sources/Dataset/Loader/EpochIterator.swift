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
      index: position, of: plan, numValues: maker.pipeline.numValues, allocator: loader.allocator)
    let slots = batch.claim(upTo: batch.samples.count)
    let pipeline = maker.pipeline(epoch: epoch, batch: position)
    let outcomes = slots.map { slot in
      maker.make(
        batch.samples[slot], copy: batch.copies[slot], epoch: epoch, pipeline: pipeline, skipping: skipping,
        into: batch.pixels + slot * batch.numValues)
    }
    batch.finish(slots, outcomes)
    return try batch.seal(epoch: epoch, maker: maker, knownBad: &knownBad)
  }
}
