extension ImageHeader {
  /// Walks JPEG's marker segments (ITU-T T.81, annex B) up to the first scan.
  static func readJPEG(_ cursor: ByteCursor) throws(ImageError) -> ImageHeader {
    var header: ImageHeader?
    var orientation: ImageOrientation?
    var position = 2
    while true {
      // As libjpeg does, bytes between segments are passed over, and 0xFF may be repeated before a marker.
      while let byte = cursor.byte(position), byte != 0xFF { position += 1 }
      while cursor.byte(position) == 0xFF { position += 1 }
      guard let marker = cursor.byte(position) else { throw .truncated(.jpeg) }
      position += 1
      switch marker {
      case 0x00, 0x01, 0xD0...0xD7: continue
      case 0xD8: throw .corrupt(.jpeg, "two beginnings")
      case 0xD9: throw .corrupt(.jpeg, "no scan")
      default: break
      }
      guard let length = cursor.uint16(position) else { throw .truncated(.jpeg) }
      guard length >= 2 else { throw .corrupt(.jpeg, "a segment of \(length) bytes") }
      guard let segment = cursor.slice(position + 2, count: length - 2) else { throw .truncated(.jpeg) }
      switch marker {
      case 0xC4, 0xC8, 0xCC: break
      case 0xC0...0xCF:
        guard header == nil else { throw .corrupt(.jpeg, "two frames") }
        header = try frame(marker: marker, segment: ByteCursor(bytes: segment))
      case 0xE1 where orientation == nil && ByteCursor(bytes: segment).holds("Exif\0\0", at: 0):
        orientation = ImageOrientation(exif: segment)
      case 0xDA:
        guard var header else { throw .corrupt(.jpeg, "a scan before the frame") }
        header.orientation = orientation ?? .up
        try requireEnd(cursor, after: position + length)
        return header
      default: break
      }
      position += length
    }
  }

  private static func frame(marker: UInt8, segment: ByteCursor) throws(ImageError) -> ImageHeader {
    guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker) else {
      throw .unsupported(.jpeg, "lossless or hierarchical coding")
    }
    guard let precision = segment.byte(0), let height = segment.uint16(1), let width = segment.uint16(3) else {
      throw .corrupt(.jpeg, "a short frame header")
    }
    guard precision == 8 else { throw .unsupported(.jpeg, "\(precision) bits a sample") }
    guard width > 0, height > 0 else { throw .corrupt(.jpeg, "\(width)x\(height) pixels") }
    return ImageHeader(format: .jpeg, width: width, height: height)
  }

  /// A file that was cut anywhere in its scans has no end marker, since 0xFF is never followed by 0xD9 in coded data.
  /// Searched backwards, because some writers append data of their own.
  private static func requireEnd(_ cursor: ByteCursor, after start: Int) throws(ImageError) {
    var index = cursor.bytes.count - 2
    while index >= start {
      if cursor.bytes[index] == 0xFF && cursor.bytes[index + 1] == 0xD9 { return }
      index -= 1
    }
    throw .truncated(.jpeg)
  }
}
