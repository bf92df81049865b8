// The optical-digits set: 1,797 handwritten digits of 8x8 grey values, 0 (paper) to 16 (ink).
//
// E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998, CC BY
// 4.0; the test part, in scikit-learn's order. It lives in the binary as C data (CSampleData, made by
// scripts/reference/make_digits.py), so that it costs neither a resource bundle nor compile time.

import CSampleData
public import Dataset

/// The embedded set of handwritten digits.
public enum DigitsSample {
  /// One digit.
  public struct Digit: Sendable, Equatable {
    /// What was written, 0 to 9.
    public let label: Int
    /// 8 x 8 values of 0 to 16, row by row.
    public let values: [UInt8]
  }

  /// How many images the set has.
  public static let count = Int(VT_DIGITS_COUNT)

  /// The length of a side of the images that `write` makes, in pixels.
  public static let writtenSide = DigitEnlargement.side

  /// The image at `index`, 0 to `count - 1`.
  public static func digit(at index: Int) -> Digit {
    precondition((0..<count).contains(index), "the digits set has images 0 to \(count - 1), not \(index)")
    guard let labels = vt_digit_labels(), let words = vt_digit_words() else {
      preconditionFailure("the digits set is not in this binary")
    }
    let image = words + index * Int(VT_DIGIT_WORDS)
    // Values of 5 bits lie end to end, so that one in twelve straddles two words.
    let values = (0..<64).map { position in
      let bit = position * 5
      let low = image[bit / 64] >> UInt64(bit % 64)
      let high = bit % 64 > 59 ? image[bit / 64 + 1] << UInt64(64 - bit % 64) : 0
      return UInt8((low | high) & 31)
    }
    return Digit(label: Int(labels[index]) - 48, values: values)
  }

  /// Writes the set as an image folder, `out/0/0000.png` to `out/9/1796.png` (a file is named for its place in the
  /// set), in grey PNG files of 32x32 pixels with white ink. `out` is either whole or not there.
  /// `progress` hears the number of images done, and ends the work by throwing. Throws `SampleDataError` where `out` is not
  /// empty, `FileError` where it cannot be written.
  public static func write(to out: BytePath, progress: ((_ numDone: Int) throws -> Void)? = nil) throws {
    try StagedFolder.write(to: StagedFolder.target(of: out) { SampleDataError($0, out) }) { staging in
      for label in 0..<10 { try FileTree.makeFolders(staging.appending(BytePath("\(label)"))) }
      let encoder = PNGEncoder()
      for index in 0..<count {
        let digit = digit(at: index)
        let pixels = DigitEnlargement.enlarged(digit.values)
        let png = try encoder.encode(grey: pixels, width: writtenSide, height: writtenSide)
        let number = String(index)
        let padded = String(repeating: "0", count: 4 - number.count) + number
        try FileWriter.writeNew(png, to: staging.appending(BytePath("\(digit.label)/\(padded).png")))
        try progress?(index + 1)
      }
    }
  }
}

/// Enlarges a digit four times to a size that a person can look at: bicubic (Keys 1981, a = -1/2), the border repeats.
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
