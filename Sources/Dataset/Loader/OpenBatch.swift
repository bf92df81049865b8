// A batch while its samples are being made.

import Augment

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
  let numValues: Int
  let pixels: UnsafeMutablePointer<Float>
  private var memory: BatchMemory?
  private var outcomes: [Outcome?]
  private var numClaimed = 0
  private var numDone = 0

  /// A batch of a plan, with `numValues` floats for each sample.
  init(index: Int, of plan: BatchPlan, numValues: Int, allocator: any BatchAllocator) throws {
    let samples = plan.samples(ofBatch: index)
    let memory = try allocator.allocate(byteCount: max(samples.count, 1) * numValues * MemoryLayout<Float>.stride)
    self.index = index
    self.samples = samples
    copies = plan.copies(ofBatch: index)
    self.numValues = numValues
    pixels = memory.pointer.bindMemory(to: Float.self, capacity: max(samples.count, 1) * numValues)
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
    var bad: [BadSample] = []
    for case .bad(let sample) in outcomes { knownBad.insert(sample.sampleIndex) }
    for (slot, outcome) in outcomes.enumerated() {
      switch outcome {
      case .good where knownBad.contains(samples[slot]): break
      case .good:
        if slot != good.count {
          (pixels + good.count * numValues).update(from: pixels + slot * numValues, count: numValues)
        }
        good.append(samples[slot])
      case .bad(let sample): bad.append(sample)
      case .skipped: break
      case .failed(let error): throw error
      case nil: preconditionFailure("batch \(index) was sealed before its samples were made")
      }
    }
    guard let memory = memory.take() else { preconditionFailure("batch \(index) was sealed twice") }
    let batch = Batch(
      epoch: epoch, index: index, height: maker.pipeline.outputHeight, width: maker.pipeline.outputWidth,
      labels: good.map { Int64(maker.source.label(at: $0)) }, sampleIndices: good, source: maker.source, memory: memory)
    return BuiltBatch(batch: batch, bad: bad)
  }
}

/// A batch with the bad samples that were found while it was made.
struct BuiltBatch {
  let batch: Batch
  let bad: [BadSample]
}
