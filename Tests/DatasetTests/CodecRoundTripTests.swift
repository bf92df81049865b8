import Augment
import Dataset
import KeyedRandom
import Testing

@Suite struct CodecRoundTripTests {
  /// A smooth image, so that JPEG changes it little.
  static func waves(width: Int, height: Int) -> ImageBuffer {
    var image = ImageBuffer(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let base = (y * width + x) * 3
        image.pixels[base] = UInt8(255 * x / max(width, 2))
        image.pixels[base + 1] = UInt8(255 * y / max(height, 2))
        image.pixels[base + 2] = UInt8(128 + (x + 2 * y) % 32)
      }
    }
    return image
  }

  @Test(arguments: [(1, 1), (7, 3), (64, 48), (101, 33)])
  func pngKeepsEveryPixel(width: Int, height: Int) throws {
    let image = Self.waves(width: width, height: height)
    let bytes = try PNGEncoder().encode(image)
    #expect(try ImageHeader.read(bytes) == ImageHeader(format: .png, width: width, height: height))
    #expect(try ImageDecoder().decode(bytes) == image)
    let grey = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let decoded = try ImageDecoder().decode(PNGEncoder().encode(grey: grey, width: width, height: height))
    #expect(decoded.pixels == grey.flatMap { [$0, $0, $0] })
  }

  @Test(arguments: [true, false])
  func jpegStaysClose(subsamplesChroma: Bool) throws {
    let image = Self.waves(width: 83, height: 61)
    let bytes = try JPEGEncoder(quality: 97, subsamplesChroma: subsamplesChroma).encode(image)
    #expect(try ImageHeader.read(bytes) == ImageHeader(format: .jpeg, width: 83, height: 61))
    let decoded = try ImageDecoder().decode(bytes)
    let error = zip(decoded.pixels, image.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(Double(error) / Double(image.pixels.count) < (subsamplesChroma ? 4 : 2))
    #expect(try JPEGEncoder(quality: 20).encode(image).count < bytes.count / 2)
  }
}
