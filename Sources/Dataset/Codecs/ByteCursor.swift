/// Reads of single bytes and integers out of untrusted bytes: each answers nil where the data ends.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer

  /// The byte at a position.
  func byte(_ position: Int) -> UInt8? {
    position >= 0 && position < bytes.count ? bytes[position] : nil
  }

  /// The 16-bit integer at a position.
  func uint16(_ position: Int, littleEndian: Bool = false) -> Int? {
    guard position >= 0, position <= bytes.count - 2 else { return nil }
    let (a, b) = (Int(bytes[position]), Int(bytes[position + 1]))
    return littleEndian ? a | b << 8 : a << 8 | b
  }

  /// The 32-bit integer at a position.
  func uint32(_ position: Int, littleEndian: Bool = false) -> Int? {
    guard let first = uint16(position, littleEndian: littleEndian),
      let second = uint16(position + 2, littleEndian: littleEndian)
    else { return nil }
    return littleEndian ? first | second << 16 : first << 16 | second
  }

  /// The bytes from a position on, `count` of them.
  func slice(_ position: Int, count: Int) -> UnsafeRawBufferPointer? {
    guard position >= 0, count >= 0, position <= bytes.count, count <= bytes.count - position else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  /// Whether the given characters stand at a position.
  func holds(_ text: StaticString, at position: Int) -> Bool {
    guard let found = slice(position, count: text.utf8CodeUnitCount) else { return false }
    return found.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
