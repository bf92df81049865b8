// JPEG through libjpeg.

public import Augment
import CJPEG

/// JPEG through libjpeg: islow transform and interpolated chroma, the library's defaults and Pillow's.
struct JPEGDecoder {
  /// Bounds the memory that the coefficients of a progressive file may take.
  var maxPixels: Int

  /// An ordinary progressive file has about ten scans; each one walks over the whole image.
  private static let maxScans: UInt32 = 100

  /// The smallest scale, in eighths, at which the crop still has the minimum size.
  static func scale(for crop: PixelRect, minimumSize: (width: Int, height: Int)) -> Int {
    for scale in [1, 2, 4] {
      if crop.width * scale >= minimumSize.width * 8 && crop.height * scale >= minimumSize.height * 8 { return scale }
    }
    return 8
  }

  /// Decodes a rectangle of the stored image, or of the image at scale/8 of its size.
  func decode(
    _ bytes: UnsafeRawBufferPointer, header: ImageHeader, crop: PixelRect, scale: Int
  ) throws(ImageError) -> ImageBuffer {
    try ImageBuffer(width: crop.width, height: crop.height) { (pixels) throws(ImageError) in
      var request = cjpeg_decode_request()
      request.data = bytes.bindMemory(to: UInt8.self).baseAddress
      request.size = bytes.count
      request.width = UInt32(header.width)
      request.height = UInt32(header.height)
      request.scale = UInt32(scale)
      request.crop_x = UInt32(crop.x)
      request.crop_y = UInt32(crop.y)
      request.crop_width = UInt32(crop.width)
      request.crop_height = UInt32(crop.height)
      request.out = pixels.baseAddress
      request.max_scans = Self.maxScans
      // Four components of two bytes a coefficient, edges rounded up to whole blocks, and the working buffers.
      request.max_memory = min(maxPixels, ImageDecoder.pixelLimits.upperBound) * 9 + 64 << 20
      try Self.check { message in cjpeg_decode(&request, message) }
    }
  }

  /// Calls the library and turns a status into an error.
  static func check(_ call: (UnsafeMutablePointer<CChar>) -> cjpeg_status) throws(ImageError) {
    let (status, reason) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CJPEG_MESSAGE_SIZE)) { message in
      message.initialize(repeating: 0)
      let status = call(message.baseAddress!)
      return (status, status == CJPEG_OK ? "" : String(cString: message.baseAddress!))
    }
    switch status {
    case CJPEG_OK: return
    case CJPEG_TRUNCATED: throw .truncated(.jpeg)
    case CJPEG_UNSUPPORTED: throw .unsupported(.jpeg, reason)
    case CJPEG_OUT_OF_MEMORY: throw .outOfMemory(.jpeg)
    default: throw .corrupt(.jpeg, reason)
    }
  }
}

/// Writes JPEG files.
public struct JPEGEncoder: Sendable {
  /// libjpeg's quality, 1 to 100.
  public var quality: Int
  /// Whether colour is kept at half resolution in both directions (4:2:0), as is usual, or in full (4:4:4).
  public var subsamplesChroma: Bool

  /// An encoder of the given quality.
  public init(quality: Int = 90, subsamplesChroma: Bool = true) {
    precondition((1...100).contains(quality), "JPEG quality must be between 1 and 100, got \(quality)")
    self.quality = quality
    self.subsamplesChroma = subsamplesChroma
  }

  /// The bytes of a JPEG file. The same bytes for the same image and version of libjpeg.
  public func encode(_ image: ImageBuffer) throws(ImageError) -> [UInt8] {
    guard image.width <= 65500, image.height <= 65500 else {
      throw .cannotEncode(.jpeg, "a side of \(max(image.width, image.height)) pixels, 65500 are possible")
    }
    var (buffer, size): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    try image.pixels.withUnsafeBufferPointer { (pixels) throws(ImageError) in
      var request = cjpeg_encode_request()
      request.pixels = pixels.baseAddress
      request.width = UInt32(image.width)
      request.height = UInt32(image.height)
      request.channels = 3
      request.quality = Int32(quality)
      request.subsample = subsamplesChroma ? 1 : 0
      try JPEGDecoder.check { message in cjpeg_encode(&request, &buffer, &size, message) }
    }
    defer { cjpeg_free(buffer) }
    return Array(UnsafeBufferPointer(start: buffer, count: size))
  }
}
