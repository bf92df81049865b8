/// How the samples of one batch are mixed: numbers alone, fixed before a pixel is touched, so that a plan can be drawn,
/// read from elsewhere or written by hand.
public struct MixingPlan: Sendable, Hashable {
  /// The place in the batch of each sample's partner.
  public var partners: [Int]
  /// How much each sample's own class counts, 0...1. Where the sample has no box, its pixels count as much; 1 leaves it
  /// as it is.
  public var weights: [Double]
  /// What of each sample is replaced by the partner's pixels; nil blends them.
  public var boxes: [CutMixBox?]

  /// A plan for a batch of as many samples as each list has elements.
  public init(partners: [Int], weights: [Double], boxes: [CutMixBox?]) {
    precondition(
      partners.count == weights.count && partners.count == boxes.count,
      "\(partners.count) partners, \(weights.count) weights and \(boxes.count) boxes are not a plan for one batch")
    precondition(partners.allSatisfy(partners.indices.contains), "a partner is outside of the batch")
    precondition(weights.allSatisfy((0...1).contains), "a weight is not in 0...1")
    self.partners = partners
    self.weights = weights
    self.boxes = boxes
  }

  /// The number of samples.
  public var count: Int { partners.count }

  /// Whether it leaves every sample as it is.
  public var isIdentity: Bool { weights.allSatisfy { $0 == 1 } && boxes.allSatisfy { $0 == nil } }

  /// The one box of all samples that have a partner other than themselves, where there is such a box.
  var commonBox: CutMixBox? {
    let mixed = partners.indices.filter { partners[$0] != $0 }
    guard let first = mixed.first, let box = boxes[first] else { return nil }
    let isIdle = partners.indices.allSatisfy { partners[$0] != $0 || weights[$0] == 1 }
    return isIdle && mixed.allSatisfy { boxes[$0] == box } ? box : nil
  }
}
