extension ImageHeader {
  /// Walks PNG's chunks (length, type, data, checksum) from the header to the end chunk. Checksums are left to the
  /// decoder.
  static func readPNG(_ cursor: ByteCursor) throws(ImageError) -> ImageHeader {
    guard cursor.slice(0, count: 33) != nil, let length = cursor.uint32(8), let width = cursor.uint32(16),
      let height = cursor.uint32(20)
    else { throw .truncated(.png) }
    guard length == 13, cursor.holds("IHDR", at: 12) else { throw .corrupt(.png, "no header chunk") }
    guard width > 0, height > 0, width <= Int32.max, height <= Int32.max else {
      throw .corrupt(.png, "\(width)x\(height) pixels")
    }
    var header = ImageHeader(format: .png, width: width, height: height)
    var position = 33
    var hasPixels = false
    while true {
      guard let length = cursor.uint32(position), let chunk = cursor.slice(position + 8, count: length),
        cursor.slice(position + 8 + length, count: 4) != nil
      else { throw .truncated(.png) }
      if cursor.holds("eXIf", at: position + 4) {
        header.orientation = ImageOrientation(exif: chunk)
      } else if cursor.holds("IDAT", at: position + 4) {
        hasPixels = true
      } else if cursor.holds("IEND", at: position + 4) {
        guard hasPixels else { throw .corrupt(.png, "no pixels") }
        return header
      }
      position += 12 + length
    }
  }
}
