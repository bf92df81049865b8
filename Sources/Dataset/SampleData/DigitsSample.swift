// The optical-digits set: 1,797 handwritten digits of 8x8 grey values, 0 (paper) to 16 (ink).
//
// E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998, CC BY
// 4.0; the test part, in scikit-learn's order. It lives in the binary as C data (CSampleData, made by
// scripts/reference/make_digits.py), so that it costs neither a resource bundle nor compile time.

import CSampleData

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
