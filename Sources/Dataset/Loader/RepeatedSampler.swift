import KeyedRandom

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
