// Mixup (Zhang et al. 2017, arXiv:1710.09412) and cutmix (Yun et al. 2019, arXiv:1905.04899) of whole batches, with the
// choices of timm's `Mixup`.
//
// A plan is a pure function of (seed, epoch, batch index) and of the batch's size: the same after a resumption, whatever
// came before. timm refuses a batch of odd size; here the sample in the middle is its own partner and stays as it is,
// and so does a batch of one.
import KeyedRandom

/// Plans how the samples of a batch are mixed with one another.
public struct BatchMixing: Sendable {
  /// The place of mixing in an epoch's path of random streams, away from those of samples, their copies and batches.
  private static let place = Int.min

  /// The options.
  public let options: Options
  /// Decides all plans.
  public let seed: UInt64

  /// Mixing by valid options.
  public init(_ options: Options, seed: UInt64) {
    self.options = options
    self.seed = seed
  }

  /// How a batch of `count` images of `height` x `width` is mixed; nil where every sample stays as it is.
  /// - Parameters:
  ///   - epoch: counted from 0.
  ///   - batch: the batch's place in the epoch.
  public func plan(epoch: Int, batch: Int, count: Int, height: Int, width: Int) -> MixingPlan? {
    if let offEpoch = options.offEpoch, epoch >= offEpoch { return nil }
    let random = KeyedRandom(seed: seed, epoch, Self.place, batch)
    let partners = partners(count, from: random.child(0))
    // Each draw has its own stream, named by the first sample that it is for.
    var draws: [Int: (weight: Double, box: CutMixBox?)] = [:]
    var plan = MixingPlan(
      partners: partners, weights: Array(repeating: 1, count: count), boxes: Array(repeating: nil, count: count))
    for sample in 0..<count where partners[sample] != sample {
      let first = drawIndex(of: sample, partner: partners[sample])
      let drawn = draws[first] ?? draw(height: height, width: width, from: random.child(1 + first))
      draws[first] = drawn
      plan.weights[sample] = drawn.weight
      plan.boxes[sample] = drawn.box
    }
    return plan.isIdentity ? nil : plan
  }

  private func drawIndex(of sample: Int, partner: Int) -> Int {
    switch options.mode {
    case .batch: 0
    case .pair: min(sample, partner)
    case .elem: sample
    }
  }

  private func partners(_ count: Int, from random: KeyedRandom) -> [Int] {
    if options.partner == .reversed { return (0..<count).reversed() }
    var random = random
    let order = random.shuffled(count)
    guard options.mode == .pair else { return order }
    var partners = Array(0..<count)
    for place in stride(from: 0, to: count - 1, by: 2) {
      partners[order[place]] = order[place + 1]
      partners[order[place + 1]] = order[place]
    }
    return partners
  }

  private func draw(height: Int, width: Int, from random: KeyedRandom) -> (weight: Double, box: CutMixBox?) {
    var random = random
    guard random.bool(probability: options.probability) else { return (1, nil) }
    let isCutmix =
      options.usesCutmix && (!options.usesMixup || random.bool(probability: options.switchProbability))
    guard isCutmix else { return (random.beta(options.mixupAlpha, options.mixupAlpha), nil) }
    if let shares = options.cutmixMinmax {
      let box = CutMixBox.drawn(shares: shares, height: height, width: width, from: &random)
      return (1 - box.share(height: height, width: width), box)
    }
    let weight = random.beta(options.cutmixAlpha, options.cutmixAlpha)
    let box = CutMixBox.drawn(weight: weight, height: height, width: width, from: &random)
    return (options.correctLam ? 1 - box.share(height: height, width: width) : weight, box)
  }
}
