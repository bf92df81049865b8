extension ImageOrientation {
  /// The orientation in an EXIF block (a TIFF file: byte order, 42, the offset of the first directory, whose entries
  /// have 12 bytes: tag, type, count, value). A block that is malformed or says nothing gives `up`, since an image is
  /// worth more than its metadata.
  init(exif: UnsafeRawBufferPointer) {
    self = Self.read(exif) ?? .up
  }

  private static func read(_ exif: UnsafeRawBufferPointer) -> ImageOrientation? {
    // Some writers keep the prefix of JPEG's segment in PNG and WebP too.
    let prefix = ByteCursor(bytes: exif).holds("Exif\0\0", at: 0) ? 6 : 0
    let cursor = ByteCursor(bytes: UnsafeRawBufferPointer(rebasing: exif[prefix...]))
    let littleEndian = cursor.holds("II", at: 0)
    guard littleEndian || cursor.holds("MM", at: 0), cursor.uint16(2, littleEndian: littleEndian) == 42,
      let directory = cursor.uint32(4, littleEndian: littleEndian),
      let numEntries = cursor.uint16(directory, littleEndian: littleEndian)
    else { return nil }
    for entry in 0..<numEntries {
      let position = directory + 2 + entry * 12
      guard let tag = cursor.uint16(position, littleEndian: littleEndian) else { return nil }
      guard tag == 0x0112 else { continue }
      guard cursor.uint16(position + 2, littleEndian: littleEndian) == 3,
        cursor.uint32(position + 4, littleEndian: littleEndian) == 1,
        let value = cursor.uint16(position + 8, littleEndian: littleEndian)
      else { return nil }
      return ImageOrientation(rawValue: value)
    }
    return nil
  }
}
