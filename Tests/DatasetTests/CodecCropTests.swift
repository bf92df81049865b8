import Augment
import Dataset
import KeyedRandom
import Preprocessing
import Testing

/// The crop of a cropped decode must be, to the bit, the crop of a full decode.
@Suite struct CodecCropTests {
  static let files = [
    "crop-444.jpg", "crop-422.jpg", "crop-420.jpg", "crop-grey.jpg", "crop-progressive.jpg", "crop-restart.jpg",
    "crop-cmyk.jpg", "jpeg-440.jpg", "jpeg-rgb.jpg", "jpeg-orientation-3.jpg", "jpeg-orientation-5.jpg",
    "jpeg-orientation-6.jpg", "jpeg-orientation-7.jpg", "jpeg-orientation-8.jpg", "jpeg-one-pixel.jpg",
    "png-rgb.png", "png-rgb-interlaced.png", "png-palette-2.png", "png-orientation-6.png", "crop-lossy.webp",
    "webp-lossless.webp", "webp-orientation-8.webp",
  ]

  /// Corners, edges, single pixels, and random rectangles.
  static func crops(width: Int, height: Int, random: inout KeyedRandom, count: Int) -> [PixelRect] {
    var crops = [
      PixelRect(x: 0, y: 0, width: width, height: height), PixelRect(x: 0, y: 0, width: 1, height: 1),
      PixelRect(x: width - 1, y: height - 1, width: 1, height: 1), PixelRect(x: width - 1, y: 0, width: 1, height: 1),
      PixelRect(x: 0, y: height - 1, width: width, height: 1), PixelRect(x: width / 2, y: 0, width: 1, height: height),
    ]
    for _ in 0..<count {
      let x = random.integer(below: width)
      let y = random.integer(below: height)
      crops.append(
        PixelRect(
          x: x, y: y, width: 1 + random.integer(below: width - x), height: 1 + random.integer(below: height - y)))
    }
    return crops
  }

  @Test(arguments: files)
  func aCropDecodesToTheSamePixels(file: String) throws {
    let bytes = CodecFixtures.bytes(of: file)
    let decoder = ImageDecoder()
    let full = try decoder.decode(bytes)
    var random = KeyedRandom(seed: 11, file.utf8.count)
    for crop in Self.crops(width: full.width, height: full.height, random: &random, count: 150) {
      let part = try decoder.decode(bytes, crop: crop)
      #expect(part == full.cropped(to: crop), "\(crop)")
    }
  }

  /// Neighbouring crops differ in these images, so that a crop that is off by one pixel cannot pass above.
  @Test func aMisplacedCropIsNoticed() throws {
    let full = try ImageDecoder().decode(CodecFixtures.bytes(of: "crop-420.jpg"))
    let crop = PixelRect(x: 20, y: 30, width: 25, height: 17)
    for (dx, dy) in [(1, 0), (0, 1), (-1, 0), (0, -1)] {
      let moved = PixelRect(x: crop.x + dx, y: crop.y + dy, width: crop.width, height: crop.height)
      #expect(full.cropped(to: moved) != full.cropped(to: crop))
    }
  }

  @Test func aCropOutsideIsAnError() {
    let bytes = CodecFixtures.bytes(of: "png-rgb.png")
    for crop in [
      PixelRect(x: 0, y: 0, width: 24, height: 1), PixelRect(x: -1, y: 0, width: 1, height: 1),
      PixelRect(x: 0, y: 0, width: 0, height: 1), PixelRect(x: .max, y: .max, width: .max, height: .max),
    ] {
      #expect(throws: ImageError.cropOutside(crop, width: 23, height: 19)) {
        try ImageDecoder().decode(bytes, crop: crop)
      }
    }
  }

  /// The mean difference of two small resizes of what a scaled decode and a full one hold of a crop. `shift` moves the
  /// box, in pixels of the scaled decode.
  static func scalingError(_ file: String, factor: Int, shift: Double) throws -> Double {
    let bytes = CodecFixtures.bytes(of: file)
    var decoder = ImageDecoder()
    let full = try decoder.decode(bytes)
    decoder.allowsDCTScaling = true
    var random = KeyedRandom(seed: 12)
    var sum = 0
    for _ in 0..<30 {
      let (width, height) = (64 + random.integer(below: full.width - 63), 64 + random.integer(below: full.height - 63))
      let crop = PixelRect(
        x: random.integer(below: full.width - width + 1), y: random.integer(below: full.height - height + 1),
        width: width, height: height)
      let region = try bytes.withUnsafeBytes { raw in
        try decoder.decodeRegion(
          raw, header: decoder.header(of: raw), crop: crop, minimumSize: (width / factor, height / factor))
      }
      #expect(abs(region.box.width * Double(factor) - Double(width)) < 1e-9)
      #expect(abs(region.box.height * Double(factor) - Double(height)) < 1e-9)
      var box = region.box
      box.x0 = min(max(0, box.x0 + shift), box.x1 - 1)
      box.x1 = min(max(box.x0 + 1, box.x1 + shift), Double(region.image.width))
      let scaled = region.image.resized(width: 8, height: 8, interpolation: .bilinear, box: box)
      let exact = full.cropped(to: crop).resized(width: 8, height: 8, interpolation: .bilinear)
      sum += zip(scaled.pixels, exact.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    }
    return Double(sum) / (30 * 192)
  }

  /// Decoding at a half, a quarter and an eighth: the box lies where the crop was, and a box that is half a pixel off is
  /// noticed.
  @Test(arguments: ["crop-444.jpg", "crop-420.jpg", "crop-grey.jpg", "crop-progressive.jpg"], [2, 4, 8])
  func scaledDecodingStaysClose(file: String, factor: Int) throws {
    let error = try Self.scalingError(file, factor: factor, shift: 0)
    #expect(error < 0.45 * Double(factor))
    for shift in [-0.5, 0.5] { #expect(try Self.scalingError(file, factor: factor, shift: shift) > 2 * error) }
  }

  @Test func scalingIsOffByDefaultAndNeverWithoutASize() throws {
    let bytes = CodecFixtures.bytes(of: "crop-420.jpg")
    var scaling = ImageDecoder()
    scaling.allowsDCTScaling = true
    func width(_ decoder: ImageDecoder, _ minimumSize: (width: Int, height: Int)?) throws -> Int {
      try bytes.withUnsafeBytes { try decoder.decode($0, crop: nil, minimumSize: minimumSize).width }
    }
    #expect(try width(ImageDecoder(), (4, 4)) == 149)
    #expect(try width(scaling, nil) == 149)
    #expect(try width(scaling, (60, 40)) == 75)
    #expect(try width(scaling, (100, 40)) == 149)
  }

  @Test(arguments: 1...8)
  func scaledCropsFollowTheOrientation(orientation: Int) throws {
    let bytes = CodecFixtures.bytes(of: "jpeg-orientation-\(orientation).jpg")
    var decoder = ImageDecoder()
    let full = try decoder.decode(bytes)
    decoder.allowsDCTScaling = true
    let crop = PixelRect(x: 1, y: 2, width: full.width - 4, height: full.height - 3)
    let region = try bytes.withUnsafeBytes { raw in
      try decoder.decodeRegion(
        raw, header: decoder.header(of: raw), crop: crop, minimumSize: (crop.width / 2, crop.height / 2))
    }
    #expect(abs(region.box.width * 2 - Double(crop.width)) < 1e-9)
    #expect(abs(region.box.height * 2 - Double(crop.height)) < 1e-9)
    func error(_ image: ImageBuffer) -> Double {
      let scaled = image.resized(width: 4, height: 4, interpolation: .bilinear, box: region.box)
      let exact = full.cropped(to: crop).resized(width: 4, height: 4, interpolation: .bilinear)
      return Double(zip(scaled.pixels, exact.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / 48
    }
    #expect(error(region.image) < 7)
    #expect(error(region.image.mirrored()) > 3 * error(region.image))
  }
}
