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
