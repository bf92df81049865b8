import KeyedRandom

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
  /// Samples of other ranks that are partners: they stand behind the batch's own.
  public let numReceived: Int

  /// A plan for a batch of as many samples as each list has elements.
  public init(partners: [Int], weights: [Double], boxes: [CutMixBox?], numReceived: Int = 0) {
    precondition(
      partners.count == weights.count && partners.count == boxes.count,
      "\(partners.count) partners, \(weights.count) weights and \(boxes.count) boxes are not a plan for one batch")
    let pool = 0..<partners.count + numReceived
    precondition(partners.allSatisfy(pool.contains), "a partner is outside of the batch")
    precondition(weights.allSatisfy((0...1).contains), "a weight is not in 0...1")
    self.partners = partners
    self.weights = weights
    self.boxes = boxes
    self.numReceived = numReceived
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

/// A rectangle of an image that comes from another: rows top..<bottom, columns left..<right.
public struct CutMixBox: Sendable, Hashable {
  /// The first row.
  public let top: Int
  /// The row after the last.
  public let bottom: Int
  /// The first column.
  public let left: Int
  /// The column after the last.
  public let right: Int

  /// A rectangle; traps where it ends before it begins.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    precondition(
      0 <= top && top <= bottom && 0 <= left && left <= right,
      "rows \(top) to \(bottom) and columns \(left) to \(right) are not a rectangle")
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// Its part of an image's area, 0...1.
  public func share(height: Int, width: Int) -> Double {
    Double((bottom - top) * (right - left)) / Double(height * width)
  }

  /// The rectangle of CutMix (Yun et al. 2019, arXiv:1905.04899): sides of sqrt(1 - weight) of the image's, in whole
  /// pixels, around a point of the image, cut where it reaches beyond. That of timm since 1.0.29; the paper's code and
  /// earlier timm make a side of odd length one pixel shorter.
  init(weight: Double, height: Int, width: Int, centre: (row: Int, column: Int)) {
    let ratio = (1 - weight).squareRoot()
    let rows = Self.span(Int(Double(height) * ratio), around: centre.row, within: height)
    let columns = Self.span(Int(Double(width) * ratio), around: centre.column, within: width)
    self.init(top: rows.lowerBound, bottom: rows.upperBound, left: columns.lowerBound, right: columns.upperBound)
  }

  /// The rectangle of CutMix around a random point.
  static func drawn(weight: Double, height: Int, width: Int, from random: inout KeyedRandom) -> CutMixBox {
    let row = random.integer(below: height)
    return CutMixBox(
      weight: weight, height: height, width: width, centre: (row, random.integer(below: width)))
  }

  /// A rectangle inside the image, each side of its own random length: from `shares[0]` of the image's up to but not
  /// including `shares[1]`, in whole pixels.
  static func drawn(shares: [Double], height: Int, width: Int, from random: inout KeyedRandom) -> CutMixBox {
    func length(of side: Int) -> Int {
      let lower = Int(Double(side) * shares[0])
      let upper = max(Int(Double(side) * shares[1]), lower + 1)
      return lower + random.integer(below: upper - lower)
    }
    let (rows, columns) = (length(of: height), length(of: width))
    let top = random.integer(below: height - rows + 1)
    let left = random.integer(below: width - columns + 1)
    return CutMixBox(top: top, bottom: top + rows, left: left, right: left + columns)
  }

  private static func span(_ length: Int, around centre: Int, within side: Int) -> Range<Int> {
    max(0, centre - length / 2)..<min(side, centre + (length + 1) / 2)
  }
}
