// Letters of five by seven pixels, for captions in pictures.

import Augment

/// A font of the printable ASCII characters; all others are shown as a box.
struct BitmapFont {
  /// The columns that a character takes, with the space after it.
  static let advance = 6
  /// The rows of a line, with the space below it.
  static let lineHeight = 11
  /// The letters that reach below the line, by two rows.
  private static let hangingLetters: Set<Character> = ["g", "p", "q", "y"]

  /// Draws a line of text with its upper left corner at (x, y), every pixel of the font `scale` pixels wide and high.
  /// What lies outside of the image is left out.
  static func draw(
    _ text: String, x: Int, y: Int, scale: Int = 1, color: (UInt8, UInt8, UInt8), into image: inout ImageBuffer
  ) {
    for (place, character) in text.enumerated() {
      let glyph = glyph(of: character)
      let top = y + (hangingLetters.contains(character) ? 2 * scale : 0)
      for row in 0..<7 {
        for column in 0..<5 where glyph >> UInt64(8 * (6 - row) + 4 - column) & 1 == 1 {
          fill(
            x: x + (place * advance + column) * scale, y: top + row * scale, side: scale, color: color, into: &image)
        }
      }
    }
  }

  private static func fill(
    x: Int, y: Int, side: Int, color: (UInt8, UInt8, UInt8), into image: inout ImageBuffer
  ) {
    for row in max(0, y)..<max(0, min(image.height, y + side), y) {
      for column in max(0, x)..<max(0, min(image.width, x + side), x) {
        let base = (row * image.width + column) * 3
        (image.pixels[base], image.pixels[base + 1], image.pixels[base + 2]) = color
      }
    }
  }

  /// Seven bytes, the upper row first; of each the lower five bits count, the left column first.
  static func glyph(of character: Character) -> UInt64 {
    guard let code = character.asciiValue, (32...126).contains(code) else { return 0x1F_11_11_11_11_11_1F }
    return glyphs[Int(code) - 32]
  }

  /// The characters from the space to the tilde.
  private static let glyphs: [UInt64] = [
    0x00_00_00_00_00_00_00, 0x04_04_04_04_04_00_04, 0x0A_0A_0A_00_00_00_00, 0x0A_0A_1F_0A_1F_0A_0A,
    0x04_0F_14_0E_05_1E_04, 0x19_19_02_04_08_13_13, 0x0C_12_14_08_15_12_0D, 0x04_04_04_00_00_00_00,
    0x02_04_08_08_08_04_02, 0x08_04_02_02_02_04_08, 0x00_04_15_0E_15_04_00, 0x00_04_04_1F_04_04_00,
    0x00_00_00_00_06_02_04, 0x00_00_00_0E_00_00_00, 0x00_00_00_00_00_0C_0C, 0x01_01_02_04_08_10_10,
    0x0E_11_13_15_19_11_0E, 0x04_0C_04_04_04_04_0E, 0x0E_11_01_02_04_08_1F, 0x0E_11_01_06_01_11_0E,
    0x02_06_0A_12_1F_02_02, 0x1F_10_1E_01_01_11_0E, 0x06_08_10_1E_11_11_0E, 0x1F_01_02_04_04_04_04,
    0x0E_11_11_0E_11_11_0E, 0x0E_11_11_0F_01_02_0C, 0x00_0C_0C_00_0C_0C_00, 0x00_06_06_00_06_02_04,
    0x02_04_08_10_08_04_02, 0x00_00_0F_00_0F_00_00, 0x08_04_02_01_02_04_08, 0x0E_11_01_02_04_00_04,
    0x0E_11_17_15_17_10_0E, 0x0E_11_11_1F_11_11_11, 0x1E_11_11_1E_11_11_1E, 0x0E_11_10_10_10_11_0E,
    0x1E_11_11_11_11_11_1E, 0x1F_10_10_1E_10_10_1F, 0x1F_10_10_1E_10_10_10, 0x0E_11_10_17_11_11_0F,
    0x11_11_11_1F_11_11_11, 0x0E_04_04_04_04_04_0E, 0x07_02_02_02_02_12_0C, 0x11_12_14_18_14_12_11,
    0x10_10_10_10_10_10_1F, 0x11_1B_15_15_11_11_11, 0x11_19_19_15_13_13_11, 0x0E_11_11_11_11_11_0E,
    0x1E_11_11_1E_10_10_10, 0x0E_11_11_11_15_12_0D, 0x1E_11_11_1E_14_12_11, 0x0F_10_10_0E_01_01_1E,
    0x1F_04_04_04_04_04_04, 0x11_11_11_11_11_11_0E, 0x11_11_11_11_11_0A_04, 0x11_11_11_15_15_15_0A,
    0x11_11_0A_04_0A_11_11, 0x11_11_0A_04_04_04_04, 0x1F_01_02_04_08_10_1F, 0x0E_08_08_08_08_08_0E,
    0x10_10_08_04_02_01_01, 0x0E_02_02_02_02_02_0E, 0x04_0A_11_00_00_00_00, 0x00_00_00_00_00_00_1F,
    0x08_04_02_00_00_00_00, 0x00_00_0E_01_0F_11_0F, 0x10_10_16_19_11_11_1E, 0x00_00_0E_10_10_11_0E,
    0x01_01_0D_13_11_11_0F, 0x00_00_0E_11_1F_10_0E, 0x06_09_08_1C_08_08_08, 0x0F_11_11_11_0F_01_0E,
    0x10_10_16_19_11_11_11, 0x04_00_0C_04_04_04_0E, 0x02_00_06_02_02_12_0C, 0x10_10_12_14_18_14_12,
    0x0C_04_04_04_04_04_0E, 0x00_00_1A_15_15_11_11, 0x00_00_16_19_11_11_11, 0x00_00_0E_11_11_11_0E,
    0x1E_11_11_11_1E_10_10, 0x0F_11_11_11_0F_01_01, 0x00_00_16_19_10_10_10, 0x00_00_0E_10_0E_01_1E,
    0x08_08_1C_08_08_09_06, 0x00_00_11_11_11_13_0D, 0x00_00_11_11_11_0A_04, 0x00_00_11_11_15_15_0A,
    0x00_00_11_0A_04_0A_11, 0x11_11_11_11_0F_01_0E, 0x00_00_1F_02_04_08_1F, 0x02_04_04_08_04_04_02,
    0x04_04_04_04_04_04_04, 0x08_04_04_02_04_04_08, 0x00_00_08_15_02_00_00,
  ]
}
