import KeyedRandom

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
