// The threads that make the batches of an epoch ahead of their use.
//
// All workers make samples of the same batch and go on to the next when all its samples are taken; batches enter the
// channel in order. At most `prefetch` batches are begun and not yet taken out, and no worker waits with a batch in its
// hands, so memory is bounded and the first batch comes as early as can be.

import Augment

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
          into: batch.pixels + slot * batch.numValues)
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
          index: nextBatch, of: plan, numValues: maker.pipeline.numValues, allocator: allocator))
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
