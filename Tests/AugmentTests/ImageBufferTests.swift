import Augment
import Testing

@Suite struct ImageBufferTests {
  @Test func croppingTakesTheRectangle() {
    let image = ImageBuffer(width: 4, height: 3, pixels: (0..<36).map { UInt8($0) })
    let crop = image.cropped(to: PixelRect(x: 1, y: 1, width: 2, height: 2))
    #expect(crop.pixels == [15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32])
    #expect(image.cropped(to: image.bounds) == image)
    #expect(image[3, 2] == (33, 34, 35))
  }

  @Test func rectanglesKnowWhatTheyContain() {
    let rect = PixelRect(x: 0, y: 0, width: 10, height: 5)
    #expect(rect.contains(PixelRect(x: 0, y: 0, width: 10, height: 5)))
    #expect(!rect.contains(PixelRect(x: 1, y: 0, width: 10, height: 5)))
    #expect(!rect.contains(PixelRect(x: -1, y: 0, width: 2, height: 2)))
    #expect(!rect.contains(PixelRect(x: 0, y: 4, width: 2, height: 2)))
    #expect(!rect.contains(PixelRect(x: 0, y: 0, width: 0, height: 2)))
    #expect(!rect.contains(PixelRect(x: Int.max, y: 0, width: Int.max, height: 2)))
  }
}
