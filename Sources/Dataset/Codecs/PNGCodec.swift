// PNG through libspng.

public import Augment
import CSPNG

/// PNG through libspng. The file is read to the last pixel even for a crop, so that a wrong checksum is always found.
struct PNGDecoder {
  /// Limit of a chunk other than the pixels' own, compressed or expanded: larger than any colour profile in use.
  private static let maxChunk = 16 << 20

  /// Decodes a rectangle.
  func decode(
    _ bytes: UnsafeRawBufferPointer, header: ImageHeader, crop: PixelRect
  ) throws(ImageError) -> ImageBuffer {
    try ImageBuffer(width: crop.width, height: crop.height) { (pixels) throws(ImageError) in
      var request = cspng_decode_request()
      request.data = bytes.bindMemory(to: UInt8.self).baseAddress
      request.size = bytes.count
      request.width = UInt32(header.width)
      request.height = UInt32(header.height)
      request.crop_x = UInt32(crop.x)
      request.crop_y = UInt32(crop.y)
      request.crop_width = UInt32(crop.width)
      request.crop_height = UInt32(crop.height)
      request.out = pixels.baseAddress
      request.max_chunk = Self.maxChunk
      try Self.check { message in cspng_decode(&request, &message) }
    }
  }

  /// Calls the library and turns a status into an error.
  static func check(_ call: (inout UnsafePointer<CChar>?) -> cspng_status) throws(ImageError) {
    var message: UnsafePointer<CChar>?
    switch call(&message) {
    case CSPNG_OK: return
    case CSPNG_TRUNCATED: throw .truncated(.png)
    case CSPNG_OUT_OF_MEMORY: throw .outOfMemory(.png)
    default: throw .corrupt(.png, message.map { String(cString: $0) } ?? "")
    }
  }
}

/// Writes PNG files of 8-bit colour or grey.
public struct PNGEncoder: Sendable {
  /// zlib's level, 0 to 9.
  public var compressionLevel: Int

  /// An encoder of the given compression level.
  public init(compressionLevel: Int = 6) {
    precondition((0...9).contains(compressionLevel), "PNG compression level must be 0 to 9, got \(compressionLevel)")
    self.compressionLevel = compressionLevel
  }

  /// The bytes of a PNG file with the image's colours.
  public func encode(_ image: ImageBuffer) throws(ImageError) -> [UInt8] {
    try encode(image.pixels, width: image.width, height: image.height, channels: 3)
  }

  /// The bytes of a PNG file with the given grey samples, `width * height` of them.
  public func encode(grey samples: [UInt8], width: Int, height: Int) throws(ImageError) -> [UInt8] {
    precondition(
      width > 0 && height > 0 && samples.count == width * height,
      "\(width)x\(height) grey needs \(width * height) bytes, got \(samples.count)")
    return try encode(samples, width: width, height: height, channels: 1)
  }

  private func encode(_ samples: [UInt8], width: Int, height: Int, channels: UInt32) throws(ImageError) -> [UInt8] {
    guard width <= Int32.max, height <= Int32.max else { throw .cannotEncode(.png, "a side above 2^31 pixels") }
    var (buffer, size): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    try samples.withUnsafeBufferPointer { (pixels) throws(ImageError) in
      var request = cspng_encode_request()
      request.pixels = pixels.baseAddress
      request.width = UInt32(width)
      request.height = UInt32(height)
      request.channels = channels
      request.compression_level = Int32(compressionLevel)
      try PNGDecoder.check { message in cspng_encode(&request, &buffer, &size, &message) }
    }
    defer { cspng_free(buffer) }
    return Array(UnsafeBufferPointer(start: buffer, count: size))
  }
}
