// Bicubic enlargement of the 8x8 digits to a size that a person can look at (Keys 1981, a = -1/2; the border repeats).

/// Enlarges a digit four times.
enum DigitEnlargement {
  static let factor = 4
  static let side = 8 * factor

  /// The weights of the four neighbours for each of the `factor` places within a source pixel.
  private static let weights: [[Float]] = (0..<factor).map { phase in
    let centre = (Float(phase) + 0.5) / Float(factor) - 0.5
    let fraction = centre < 0 ? centre + 1 : centre
    return [-1, 0, 1, 2].map { kernel(abs(Float($0) - fraction)) }
  }

  private static func kernel(_ x: Float) -> Float {
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
    return 0
  }

  /// 64 values of 0 to 16 as 32 x 32 grey levels, 16 becoming 255.
  static func enlarged(_ values: [UInt8]) -> [UInt8] {
    precondition(values.count == 64, "a digit has 64 values, got \(values.count)")
    var wide = [Float](repeating: 0, count: 8 * side)
    for row in 0..<8 {
      for x in 0..<side { wide[row * side + x] = sample(at: x) { Float(values[row * 8 + $0]) } }
    }
    var result = [UInt8](repeating: 0, count: side * side)
    for y in 0..<side {
      for x in 0..<side {
        let value = sample(at: y) { wide[$0 * side + x] } * (255 / 16)
        result[y * side + x] = UInt8(min(max(value + 0.5, 0), 255))
      }
    }
    return result
  }

  private static func sample(at place: Int, _ source: (Int) -> Float) -> Float {
    let phase = place % factor
    let first = place / factor - (phase < factor / 2 ? 2 : 1)
    var sum: Float = 0
    for tap in 0..<4 { sum += weights[phase][tap] * source(min(max(first + tap, 0), 7)) }
    return sum
  }
}
