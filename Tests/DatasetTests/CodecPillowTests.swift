import Augment
import Dataset
import Testing

/// Decoding against Pillow: every kind of file, every pixel, within one grey level.
@Suite struct CodecPillowTests {
  @Test(arguments: CodecFixtures.all.images)
  func pixelsAreThoseOfPillow(fixture: CodecFixtures.Image) throws {
    let bytes = fixture.bytes
    let header = try ImageHeader.read(bytes)
    #expect(header.format.rawValue == fixture.format)
    #expect(header.width == fixture.width && header.height == fixture.height)
    #expect(header.orientation.rawValue == fixture.orientation)
    #expect(header.orientedWidth == fixture.referenceWidth && header.orientedHeight == fixture.referenceHeight)
    let difference = try #require(
      CodecFixtures.largestDifference(try ImageDecoder().decode(bytes), fixture.reference))
    #expect(difference <= 1)
    // PNG and lossless WebP leave nothing to interpretation.
    if fixture.format == "png" || fixture.file.contains("lossless") { #expect(difference == 0) }
  }

  @Test func everyKindIsThere() {
    #expect(CodecFixtures.all.images.count == 49)
    #expect(Set(CodecFixtures.all.images.map(\.orientation)) == Set(1...8))
  }

  /// The comparison must notice what a faulty decoder would do.
  @Test(arguments: ["jpeg-420.jpg", "jpeg-cmyk-black.jpg", "png-palette-4.png", "webp-lossy.webp"])
  func theComparisonNoticesFaults(file: String) throws {
    let fixture = try #require(CodecFixtures.all.images.first { $0.file == file })
    let decoded = try ImageDecoder().decode(fixture.bytes)
    var swapped = decoded
    for base in stride(from: 0, to: swapped.pixels.count, by: 3) { swapped.pixels.swapAt(base, base + 2) }
    #expect(try #require(CodecFixtures.largestDifference(swapped, fixture.reference)) > 1)
    var brighter = decoded
    brighter.pixels[100] = decoded.pixels[100] < 128 ? decoded.pixels[100] + 2 : decoded.pixels[100] - 2
    #expect(try #require(CodecFixtures.largestDifference(brighter, fixture.reference)) > 1)
    let cut = decoded.cropped(to: PixelRect(x: 0, y: 0, width: decoded.width - 1, height: decoded.height))
    #expect(CodecFixtures.largestDifference(cut, fixture.reference) == nil)
    let moved = decoded.mirrored()
    #expect(try #require(CodecFixtures.largestDifference(moved, fixture.reference)) > 1)
  }

  @Test func orientationIsLeftAloneOnRequest() throws {
    let fixture = try #require(CodecFixtures.all.images.first { $0.file == "jpeg-orientation-6.jpg" })
    var decoder = ImageDecoder()
    decoder.applyOrientation = false
    let stored = try decoder.decode(fixture.bytes)
    #expect(stored.width == fixture.width && stored.height == fixture.height)
    #expect(stored.width != fixture.referenceWidth)
  }
}
