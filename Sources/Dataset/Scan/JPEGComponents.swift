// How many colour components a JPEG stores, which its header tells: 1 is grey, 3 is colour, 4 is CMYK or YCCK.

/// Reads the number of components out of a JPEG's frame header (ITU-T T.81, B.2.2).
enum JPEGComponents {
  /// The number, or nil where there is no frame.
  static func count(in bytes: UnsafeRawBufferPointer) -> Int? {
    let cursor = ByteCursor(bytes: bytes)
    var position = 2
    while true {
      while let byte = cursor.byte(position), byte != 0xFF { position += 1 }
      while cursor.byte(position) == 0xFF { position += 1 }
      guard let marker = cursor.byte(position) else { return nil }
      position += 1
      switch marker {
      case 0x00, 0x01, 0xD0...0xD7: continue
      case 0xD8, 0xD9, 0xDA: return nil
      default: break
      }
      guard let length = cursor.uint16(position), length >= 2 else { return nil }
      let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
      // Length, precision, height and width come before it.
      if isFrame { return cursor.byte(position + 7).map { Int($0) } }
      position += length
    }
  }
}
