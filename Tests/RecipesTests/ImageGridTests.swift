import Augment
import Dataset
import Foundation
import Testing

@testable import Recipes

@Suite struct ImageGridTests {
  private static let cells = (0..<5).map { number in
    ImageGrid.Cell(
      image: ImageBuffer(
        width: 60, height: 40, pixels: (0..<7200).map { UInt8(($0 * (number + 3)) & 255) }), caption: "class \(number)")
  }

  @Test(arguments: [1, 3]) func everyPixelIsWhereItBelongs(_ scale: Int) {
    let grid = ImageGrid(Self.cells, columns: 3, scale: scale)
    let picture = grid.drawn()
    #expect((picture.width, picture.height) == (grid.width, grid.height))
    for (index, cell) in Self.cells.enumerated() {
      let frame = grid.frame(of: index)
      #expect((frame.width, frame.height) == (60 * scale, 40 * scale))
      let shown = picture.cropped(to: frame)
      var numWrong = 0
      for y in 0..<frame.height {
        for x in 0..<frame.width where shown[x, y] != cell.image[x / scale, y / scale] { numWrong += 1 }
      }
      #expect(numWrong == 0)
    }
    // Five in rows of three.
    #expect(grid.frame(of: 3).x == grid.frame(of: 0).x && grid.frame(of: 3).y > grid.frame(of: 0).y + 40 * scale)
    #expect(grid.frame(of: 1).y == grid.frame(of: 0).y)
  }

  /// A caption is drawn in the ink of captions, below its picture, and another caption is another drawing.
  @Test func captionsAreDrawn() {
    func below(_ caption: String) -> [UInt8] {
      let grid = ImageGrid([.init(image: Self.cells[0].image, caption: caption)], columns: 1, scale: 1)
      let (picture, frame) = (grid.drawn(), grid.frame(of: 0))
      let y = frame.y + frame.height
      return picture.cropped(to: PixelRect(x: 0, y: y, width: picture.width, height: picture.height - y)).pixels
    }
    #expect(below("rose") == below("rose"))
    #expect(below("rose") != below("r0se"))
    #expect(Set(below("rose")).isSuperset(of: [ImageGrid.ink.0, ImageGrid.background.0]))
    #expect(below("\u{1F339}") == below("\u{E9}"))
    // More lines make all cells higher.
    #expect(below("rose 0.71 + tulip 0.29").count > below("rose").count)
  }

  @Test func captionsAreBrokenAndCut() {
    #expect(ImageGrid.lines(of: "rose 0.71 + tulip 0.29", room: 40) == ["rose 0.71 + tulip 0.29"])
    #expect(ImageGrid.lines(of: "rose 0.71 + tulip 0.29", room: 12) == ["rose 0.71 +", "tulip 0.29"])
    #expect(ImageGrid.lines(of: "a_name_that_is_long", room: 8) == ["a_name.."])
    #expect(ImageGrid.lines(of: "one two three four five", room: 6) == ["one", "two", "thre.."])
    #expect(ImageGrid.lines(of: "", room: 8) == [])
    #expect(ImageGrid.lines(of: "abc", room: 1) == [".."])
  }

  @Test func everyCharacterIsItsOwn() {
    let glyphs = (32...126).map { BitmapFont.glyph(of: Character(UnicodeScalar($0))) }
    #expect(Set(glyphs).count == 95)
    // Five columns in seven rows, and nothing else.
    #expect(glyphs.allSatisfy { $0 & ~0x1F_1F_1F_1F_1F_1F_1F == 0 })
    #expect(!glyphs.contains(BitmapFont.glyph(of: "\u{E9}")))
    #expect(BitmapFont.glyph(of: "L") == 0x10_10_10_10_10_10_1F)
  }

  @Test func textOutsideOfTheImageIsLeftOut() {
    var image = ImageBuffer(width: 8, height: 8)
    for (x, y) in [(-100, 0), (100, 3), (0, -100), (0, 100), (-3, -3), (6, 6)] {
      BitmapFont.draw("WWW", x: x, y: y, scale: 2, color: (255, 0, 0), into: &image)
    }
    #expect(image.pixels.contains(255))
  }
}
