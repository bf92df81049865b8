import Augment
import Foundation
import KeyedRandom
import Preprocessing
import Testing

/// Resizing against Pillow (scripts/reference/make_image_fixtures.py), and windows of a resize against the whole.
@Suite struct ResampleTests {
  struct Index: Decodable {
    struct Source: Decodable {
      var offset: Int
      var width: Int
      var height: Int
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
      var offset: Int
      var width: Int
      var height: Int
      var interpolation: Interpolation
      var box: [Double]?

      var testDescription: String { "\(interpolation) to \(width)x\(height), box \(box ?? [])" }
    }
    struct Noise: Decodable {
      var width: Int
      var height: Int
    }
    /// A rectangle of the noise, the size and the filter that it is resized with, and the Adler-32 of the result.
    struct Crop: Decodable, Sendable {
      var rect: PixelRect
      var width: Int
      var height: Int
      var interpolation: Interpolation
      var checksum: UInt32

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        let numbers = try (0..<6).map { _ in try row.decode(Int.self) }
        rect = PixelRect(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
        (width, height) = (numbers[4], numbers[5])
        interpolation = try row.decode(Interpolation.self)
        checksum = try row.decode(UInt32.self)
      }

      /// Pillow's rule.
      var hasRowsFirst: Bool { rect.height > height && rect.height - height > 2 * (rect.width - width) }
    }
    var resizeSource: Source
    var resizes: [Case]
    var noise: Noise
    var crops: [Crop]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/images")
  static let index = try! JSONDecoder().decode(Index.self, from: Data(contentsOf: folder.appending(path: "index.json")))
  static let references = [UInt8](try! Data(contentsOf: folder.appending(path: "references.bin")))

  static func image(offset: Int, width: Int, height: Int) -> ImageBuffer {
    ImageBuffer(width: width, height: height, pixels: Array(references[offset..<offset + width * height * 3]))
  }

  static var source: ImageBuffer {
    image(offset: index.resizeSource.offset, width: index.resizeSource.width, height: index.resizeSource.height)
  }

  static func difference(_ a: ImageBuffer, _ b: ImageBuffer) -> Int {
    zip(a.pixels, b.pixels).lazy.map { abs(Int($0) - Int($1)) }.max()!
  }

  static func resize(_ fixture: Index.Case, interpolation: Interpolation? = nil, shift: Double = 0) -> ImageBuffer {
    let box = fixture.box.map { ResampleBox(x0: $0[0] + shift, y0: $0[1], x1: $0[2] + shift, y1: $0[3]) }
    return source.resized(
      width: fixture.width, height: fixture.height, interpolation: interpolation ?? fixture.interpolation, box: box)
  }

  @Test(arguments: index.resizes)
  func pixelsAreThoseOfPillow(fixture: Index.Case) {
    let expected = Self.image(offset: fixture.offset, width: fixture.width, height: fixture.height)
    #expect(Self.resize(fixture) == expected)
  }

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }

  /// 400 rectangles of noise, about half of which Pillow resizes rows first.
  @Test func cropsOfNoiseAreThoseOfPillow() {
    let (width, height) = (Self.index.noise.width, Self.index.noise.height)
    let noise = ImageBuffer(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: ($0 * 2_654_435_761) >> 13) })
    let crops = Self.index.crops
    #expect(crops.count == 400 && (100...300).contains(crops.count(where: \.hasRowsFirst)))
    for (number, crop) in crops.enumerated() {
      let whole = noise.cropped(to: crop.rect)
      let result = whole.resized(width: crop.width, height: crop.height, interpolation: crop.interpolation)
      #expect(Self.adler32(result.pixels) == crop.checksum, "crop \(number): \(crop)")
      // A window of it, from the pixels that it needs alone.
      let window = PixelRect(
        x: crop.width / 3, y: crop.height / 4, width: 1 + crop.width / 3, height: 1 + crop.height / 2)
      let plan = ResamplePlan(
        sourceWidth: crop.rect.width, sourceHeight: crop.rect.height, width: crop.width, height: crop.height,
        interpolation: crop.interpolation, window: window)
      #expect(plan.apply(whole.cropped(to: plan.source)) == result.cropped(to: window), "crop \(number): \(crop)")
    }
  }

  @Test(arguments: index.resizes)
  func theComparisonNoticesFaults(fixture: Index.Case) {
    let expected = Self.image(offset: fixture.offset, width: fixture.width, height: fixture.height)
    for other in Interpolation.allCases where other != fixture.interpolation {
      // The pixels under an enlarged image's are one each, the nearest.
      if [other, fixture.interpolation].allSatisfy({ $0 == .box || $0 == .nearest }) { continue }
      #expect(Self.difference(Self.resize(fixture, interpolation: other), expected) > 1)
    }
    if fixture.box != nil { #expect(Self.difference(Self.resize(fixture, shift: 0.5), expected) > 1) }
    // A filter of the source's own support, which is what a resize without antialiasing has.
    if fixture.interpolation != .nearest && fixture.width < 20 {
      let points = Self.source.resized(width: fixture.width, height: fixture.height, interpolation: .nearest)
      #expect(Self.difference(points, expected) > 1)
    }
  }

  @Test(arguments: Interpolation.allCases)
  func aWindowHasThePixelsOfTheWhole(interpolation: Interpolation) {
    var random = KeyedRandom(seed: 21)
    for _ in 0..<40 {
      let (sourceWidth, sourceHeight) = (1 + random.integer(below: 90), 1 + random.integer(below: 90))
      var image = ImageBuffer(width: sourceWidth, height: sourceHeight)
      for index in image.pixels.indices { image.pixels[index] = UInt8(random.integer(below: 256)) }
      let (width, height) = (1 + random.integer(below: 120), 1 + random.integer(below: 120))
      let (x, y) = (random.integer(below: width), random.integer(below: height))
      let window = PixelRect(
        x: x, y: y, width: 1 + random.integer(below: width - x), height: 1 + random.integer(below: height - y))
      let whole = image.resized(width: width, height: height, interpolation: interpolation)
      let plan = ResamplePlan(
        sourceWidth: sourceWidth, sourceHeight: sourceHeight, width: width, height: height,
        interpolation: interpolation, window: window)
      #expect(plan.apply(image.cropped(to: plan.source)) == whole.cropped(to: window))
      #expect(plan.apply(image, origin: (0, 0)) == whole.cropped(to: window))
    }
  }

  @Test func anUnchangedSizeIsACopy() {
    let image = Self.source
    for interpolation in Interpolation.allCases {
      #expect(image.resized(width: image.width, height: image.height, interpolation: interpolation) == image)
    }
  }

  @Test func aUniformImageStaysUniform() {
    let image = ImageBuffer(width: 97, height: 53, fill: (13, 255, 128))
    for (width, height) in [(1, 1), (224, 224), (13, 200), (97, 7)] {
      for interpolation in Interpolation.allCases {
        #expect(
          image.resized(width: width, height: height, interpolation: interpolation)
            == ImageBuffer(width: width, height: height, fill: (13, 255, 128)))
      }
    }
  }

  @Test func extremeSizesWork() {
    let wide = ImageBuffer(width: 20000, height: 1, fill: (9, 8, 7))
    #expect(
      wide.resized(width: 3, height: 2, interpolation: .bicubic) == ImageBuffer(width: 3, height: 2, fill: (9, 8, 7)))
    let plan = ResamplePlan(
      sourceWidth: 20000, sourceHeight: 1, width: 20000 * 248, height: 248, interpolation: .bicubic,
      window: PixelRect(x: 20000 * 124 - 112, y: 12, width: 224, height: 224))
    #expect(plan.source.width < 10)
    #expect(plan.apply(wide, origin: (0, 0)) == ImageBuffer(width: 224, height: 224, fill: (9, 8, 7)))
  }
}
