public import Augment
import CJPEG

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
