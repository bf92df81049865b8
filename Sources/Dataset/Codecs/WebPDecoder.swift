import Augment
import CWebP

/// WebP through libwebp.
struct WebPDecoder {
  /// Chroma is interpolated over its neighbours, so that a border is decoded around a crop; even, as libwebp wants it.
  private static let margin = 4

  /// Decodes a rectangle.
  func decode(
    _ bytes: UnsafeRawBufferPointer, header: ImageHeader, crop: PixelRect
  ) throws(ImageError) -> ImageBuffer {
    let x = max(0, crop.x - Self.margin) & ~1
    let y = max(0, crop.y - Self.margin) & ~1
    let width = min(header.width, crop.x + crop.width + Self.margin) - x
    let height = min(header.height, crop.y + crop.height + Self.margin) - y
    let image = try ImageBuffer(width: width, height: height) { (pixels) throws(ImageError) in
      var request = cwebp_decode_request()
      request.data = bytes.bindMemory(to: UInt8.self).baseAddress
      request.size = bytes.count
      request.width = UInt32(header.width)
      request.height = UInt32(header.height)
      request.crop_x = UInt32(x)
      request.crop_y = UInt32(y)
      request.crop_width = UInt32(width)
      request.crop_height = UInt32(height)
      request.out = pixels.baseAddress
      try Self.check(cwebp_decode(&request))
    }
    return image.cropped(to: PixelRect(x: crop.x - x, y: crop.y - y, width: crop.width, height: crop.height))
  }

  /// Turns a status into an error.
  static func check(_ status: cwebp_status) throws(ImageError) {
    switch status {
    case CWEBP_OK: return
    case CWEBP_TRUNCATED: throw .truncated(.webp)
    case CWEBP_UNSUPPORTED: throw .unsupported(.webp, "an animation")
    case CWEBP_OUT_OF_MEMORY: throw .outOfMemory(.webp)
    default: throw .corrupt(.webp, "bad bit stream")
    }
  }
}
