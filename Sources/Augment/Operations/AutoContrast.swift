public import Settings

/// Each channel stretched from its darkest to its lightest value: Pillow's `ImageOps.autocontrast`.
public struct AutoContrast: PixelTransform {
  /// The part of the samples at each end that is left out of account, in percent.
  public var cutoff = 0.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("cutoff", cutoff, in: 0...100) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.autoContrast(cutoff: cutoff) }
}

extension ImageBuffer {
  /// Each channel stretched so that its darkest value becomes 0 and its lightest 255, as Pillow's
  /// `ImageOps.autocontrast` does it. `cutoff` percent of the samples (0 to 100) are left out of account at each end.
  public func autoContrast(cutoff: Double = 0) -> ImageBuffer {
    precondition(cutoff >= 0 && cutoff <= 100, "the cutoff is a percentage, got \(cutoff)")
    let identity = (0...255).map { UInt8($0) }
    let tables = Histogram(self).channels.map { counts in
      var counts = counts
      if cutoff > 0 {
        let share = Double(width * height) * cutoff
        let cut = Int((share - share.truncatingRemainder(dividingBy: 100)) / 100)
        Self.remove(cut, from: &counts, in: Array(0...255))
        Self.remove(cut, from: &counts, in: (0...255).reversed())
      }
      guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }), low < high
      else { return identity }
      let scale = 255 / Double(high - low)
      let offset = -Double(low) * scale
      return (0...255).map { UInt8(max(0, min(255, (Double($0) * scale + offset).rounded(.towardZero)))) }
    }
    return tables.allSatisfy { $0 == identity } ? self : LookupTable(channels: tables).apply(self)
  }

  /// Takes `cut` samples out of the counts, from the first value in the given order on.
  private static func remove(_ cut: Int, from counts: inout [Int], in order: [Int]) {
    var cut = cut
    for value in order {
      let taken = min(cut, counts[value])
      counts[value] -= taken
      cut -= taken
      if cut <= 0 { break }
    }
  }
}
