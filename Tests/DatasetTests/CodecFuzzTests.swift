import Augment
import Dataset
import KeyedRandom
import Preprocessing
import Testing

/// Thousands of damaged files: each either decodes or throws; none crashes, hangs or grows.
@Suite struct CodecFuzzTests {
  static let files =
    CodecFixtures.all.images.map(\.file) + [
      "crop-420.jpg", "crop-progressive.jpg", "crop-lossy.webp", "animation.webp",
    ]

  /// One of several kinds of damage.
  static func damaged(_ bytes: [UInt8], random: inout KeyedRandom) -> [UInt8] {
    var data = bytes
    switch random.integer(below: 6) {
    case 0:
      data.removeLast(random.integer(below: data.count))
    case 1:
      let start = random.integer(below: data.count)
      data.removeSubrange(start..<min(data.count, start + 1 + random.integer(below: 32)))
    case 2:
      let start = random.integer(below: data.count)
      data.insert(contentsOf: data[start..<min(data.count, start + 1 + random.integer(below: 64))], at: start)
    case 3:
      // The first bytes decide most.
      for _ in 0...random.integer(below: 3) {
        data[random.integer(below: min(64, data.count))] = UInt8(random.integer(below: 256))
      }
    case 4:
      let extremes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
      for _ in 0...random.integer(below: 8) {
        data[random.integer(below: data.count)] = extremes[random.integer(below: extremes.count)]
      }
    default:
      for _ in 0...random.integer(below: 8) {
        data[random.integer(below: data.count)] ^= UInt8(1 << random.integer(below: 8))
      }
    }
    return data
  }

  @Test(arguments: files)
  func damageNeverCrashes(file: String) {
    let bytes = CodecFixtures.bytes(of: file)
    var decoder = ImageDecoder()
    decoder.maxPixels = 1 << 20
    var random = KeyedRandom(seed: 31, file.utf8.reduce(0) { $0 &* 31 &+ Int($1) })
    var (numDecoded, numRefused) = (0, 0)
    for _ in 0..<120 {
      let data = Self.damaged(bytes, random: &random)
      decoder.allowsDCTScaling = random.bool(probability: 0.3)
      do {
        try data.withUnsafeBytes { raw in
          let header = try decoder.header(of: raw)
          let (width, height) = (header.orientedWidth, header.orientedHeight)
          let (x, y) = (random.integer(below: width), random.integer(below: height))
          let crop = PixelRect(
            x: x, y: y, width: 1 + random.integer(below: width - x), height: 1 + random.integer(below: height - y))
          let region = try decoder.decodeRegion(raw, header: header, crop: crop, minimumSize: (4, 4))
          let resized = region.image.resized(width: 5, height: 5, interpolation: .bilinear, box: region.box)
          precondition(resized.pixels.count == 75)
        }
        numDecoded += 1
      } catch {
        #expect(error is ImageError)
        numRefused += 1
      }
    }
    #expect(numDecoded + numRefused == 120)
    #expect(numRefused > 0)
  }

  /// Bytes that are noise behind a good beginning.
  @Test func noiseBehindASignatureNeverCrashes() {
    let beginnings: [[UInt8]] = [
      [0xFF, 0xD8, 0xFF], Array(CodecFixtures.bytes(of: "png-rgb.png")[..<33]),
      Array(CodecFixtures.bytes(of: "webp-lossy.webp")[..<20]),
      Array(CodecFixtures.bytes(of: "webp-lossless.webp")[..<20]),
    ]
    var random = KeyedRandom(seed: 32)
    for trial in 0..<2000 {
      var data = beginnings[trial % beginnings.count]
      for _ in 0..<random.integer(below: 300) { data.append(UInt8(random.integer(below: 256))) }
      #expect(throws: ImageError.self) { try ImageDecoder().decode(data) }
    }
  }
}
