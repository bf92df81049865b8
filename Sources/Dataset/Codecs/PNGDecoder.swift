import Augment
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
