// In which order an epoch goes through the samples.

import KeyedRandom

/// An order of samples for every epoch: a pure function of the epoch.
public protocol Sampler: Sendable {
  /// The indices of the samples of an epoch over a set of `count`, in order.
  func order(epoch: Int, count: Int) -> [Int]

  /// How often in a row the order names a sample. Copy c of a sample is the c-th of its row.
  var numRepeats: Int { get }

  /// The length of an epoch's order over a set of `count`.
  func numPlaces(count: Int) -> Int
}

extension Sampler {
  /// 1
  public var numRepeats: Int { 1 }

  /// Every sample once.
  public func numPlaces(count: Int) -> Int { count }
}

/// Every sample once, in a new random order in each epoch, drawn from (seed, epoch); transforms draw from longer paths,
/// so that the order says nothing about the pixels.
public struct ShuffledSampler: Sampler {
  /// The seed of the orders.
  public let seed: UInt64

  /// Orders drawn from `seed`.
  public init(seed: UInt64) { self.seed = seed }

  /// A permutation of 0 ..< count.
  public func order(epoch: Int, count: Int) -> [Int] {
    var random = KeyedRandom(seed: seed, epoch)
    return random.shuffled(count)
  }
}

/// Every sample once, in the order of the set: for evaluation.
public struct SequentialSampler: Sampler {
  /// The order of the set.
  public init() {}

  /// 0 ..< count
  public func order(epoch: Int, count: Int) -> [Int] { Array(0..<count) }
}

/// Repeated augmentation (Hoffer et al. 2019, arXiv:1901.09335; Berman et al. 2019, arXiv:1902.05509), as timm's
/// `RepeatAugSampler`: every sample `numRepeats` times in a row in a random order of the set, each copy with randomness
/// of its own, and as many of them as make an epoch of the usual length. An epoch over n samples has
/// floor(n / 256) x 256 places, or n where n is below 256, and so about n / numRepeats different samples.
public struct RepeatedSampler: Sampler {
  /// An epoch is a multiple of this, where the set is as large.
  static let rounding = 256

  /// The seed of the orders.
  public let seed: UInt64
  /// The copies of each sample.
  public let numRepeats: Int

  /// Orders drawn from `seed`: those of `ShuffledSampler`, each sample repeated.
  public init(seed: UInt64, numRepeats: Int) {
    precondition(numRepeats >= 1, "a sample is there at least once, not \(numRepeats) times")
    self.seed = seed
    self.numRepeats = numRepeats
  }

  /// The samples of an epoch, the copies of one side by side. The last sample can lack some of its copies.
  public func order(epoch: Int, count: Int) -> [Int] {
    repeated(ShuffledSampler(seed: seed).order(epoch: epoch, count: count))
  }

  /// `count` down to a multiple of 256; a smaller `count` as it is.
  public func numPlaces(count: Int) -> Int { count < Self.rounding ? count : count / Self.rounding * Self.rounding }

  func repeated(_ order: [Int]) -> [Int] {
    (0..<numPlaces(count: order.count)).map { order[$0 / numRepeats] }
  }
}

// Which samples make up which batch.

/// How ranks share the batches of an epoch.
public enum BatchSharing: Sendable {
  /// Each takes an even part of every batch: for training, where a batch is one of all ranks.
  case parts
  /// Batches go round, whole: for evaluation, so that a sample has the same neighbours for any number of ranks, and the
  /// same bits.
  case turns
}

/// The batches of one epoch, cut from its order by index. A global batch is the same whatever the number of ranks.
public struct BatchPlan: Sendable {
  /// The samples of the epoch in order, over all ranks.
  public let order: [Int]
  /// The samples of a batch over all ranks.
  public let globalBatchSize: Int
  /// Which part of every batch is taken, 0 ..< numRanks.
  public let rank: Int
  /// The number of ranks.
  public let numRanks: Int
  /// How they share a batch.
  public let sharing: BatchSharing
  /// Whether a last batch that is not full is left out.
  public let dropLast: Bool
  /// How often in a row the order names a sample.
  public let numRepeats: Int

  /// Cuts an order into batches.
  public init(
    order: [Int], globalBatchSize: Int, rank: Int = 0, numRanks: Int = 1, sharing: BatchSharing = .parts,
    dropLast: Bool = false, numRepeats: Int = 1
  ) {
    precondition(globalBatchSize >= 1, "a batch holds at least one sample")
    precondition(numRanks >= 1 && (0..<numRanks).contains(rank), "rank \(rank) of \(numRanks)")
    self.order = order
    self.globalBatchSize = globalBatchSize
    self.rank = rank
    self.numRanks = numRanks
    self.sharing = sharing
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
  public func samples(ofBatch batch: Int) -> [Int] {
    let start = batch * globalBatchSize
    return share(ofBatch: batch).places(of: rank).map { order[start + $0] }
  }

  /// The number of each of those among the copies of its sample, 0 ..< numRepeats.
  public func copies(ofBatch batch: Int) -> [Int] {
    let start = batch * globalBatchSize
    return share(ofBatch: batch).places(of: rank).map { (start + $0) % numRepeats }
  }

  /// How the ranks share a batch.
  func share(ofBatch batch: Int) -> BatchShare {
    precondition((0..<numBatches).contains(batch), "batch \(batch) of \(numBatches)")
    return BatchShare(
      count: min(globalBatchSize, order.count - batch * globalBatchSize), numRanks: numRanks,
      owner: sharing == .turns ? batch % numRanks : nil, isStrided: numRepeats > 1)
  }
}

/// Which places of a batch are whose. Every rank knows it of all.
public struct BatchShare: Sendable, Hashable {
  /// The places of the batch, over all ranks; some of their samples may turn out bad.
  public let count: Int
  /// The number of ranks.
  public let numRanks: Int
  /// The rank that takes all of it; nil where each takes a part.
  let owner: Int?
  /// Whether a rank takes every numRanks-th place, so that the copies of a sample, which are neighbours, go to different
  /// ranks; else it takes neighbours.
  let isStrided: Bool

  /// A batch of one rank alone.
  public init(count: Int) { self.init(count: count, numRanks: 1, owner: nil, isStrided: false) }

  init(count: Int, numRanks: Int, owner: Int?, isStrided: Bool) {
    self.count = count
    self.numRanks = numRanks
    self.owner = owner
    self.isStrided = isStrided
  }

  /// The places that a rank takes, from 0, in order.
  public func places(of rank: Int) -> StrideTo<Int> {
    if let owner { return stride(from: 0, to: rank == owner ? count : 0, by: 1) }
    if isStrided { return stride(from: rank, to: count, by: numRanks) }
    return stride(from: count * rank / numRanks, to: count * (rank + 1) / numRanks, by: 1)
  }

  /// From one place of a rank to its next.
  public var step: Int { isStrided && owner == nil ? numRanks : 1 }
}
