import CWebP

extension ImageHeader {
  /// Reads the size through libwebp and looks for an EXIF chunk in the RIFF container.
  static func readWebP(_ cursor: ByteCursor) throws(ImageError) -> ImageHeader {
    var (width, height): (UInt32, UInt32) = (0, 0)
    let bytes = cursor.bytes
    try WebPDecoder.check(cwebp_size(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &width, &height))
    var header = ImageHeader(format: .webp, width: Int(width), height: Int(height))
    guard let riffSize = cursor.uint32(4, littleEndian: true) else { throw .truncated(.webp) }
    guard riffSize + 8 <= bytes.count else { throw .truncated(.webp) }
    var position = 12
    while position < riffSize + 8, let length = cursor.uint32(position + 4, littleEndian: true) {
      if cursor.holds("EXIF", at: position), let chunk = cursor.slice(position + 8, count: length) {
        header.orientation = ImageOrientation(exif: chunk)
        break
      }
      position += 8 + length + length % 2
    }
    return header
  }
}
