import CWebP

/// What an image file says of itself before any pixel is decoded.
public struct ImageHeader: Sendable, Equatable {
  /// The format, recognised by the first bytes.
  public var format: ImageFormat
  /// Number of stored columns.
  public var width: Int
  /// Number of stored rows.
  public var height: Int
  /// How the stored image is to be shown; `up` where the file does not say.
  public var orientation: ImageOrientation

  /// Number of columns of the image as it is to be shown.
  public var orientedWidth: Int { orientation.swapsAxes ? height : width }
  /// Number of rows of the image as it is to be shown.
  public var orientedHeight: Int { orientation.swapsAxes ? width : height }

  /// The most that decoding takes, in bytes: three a pixel for the result, as many for its turning, and what a
  /// progressive JPEG keeps of all its components. To be asked of a header that a decoder has let pass.
  var decodingBytes: Int { width * height * 14 }

  /// A header from its parts.
  public init(format: ImageFormat, width: Int, height: Int, orientation: ImageOrientation = .up) {
    self.format = format
    self.width = width
    self.height = height
    self.orientation = orientation
  }

  /// Reads the header of a file that is wholly in memory, and looks whether its end is there, without decoding
  /// anything. Touches the segments before the pixels and the file's end only (of a PNG also the head of each chunk).
  /// Throws ``ImageError``.
  public static func read(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
    guard !bytes.isEmpty else { throw .empty }
    guard let format = ImageFormat(sniffing: bytes) else { throw .unknownFormat }
    let cursor = ByteCursor(bytes: bytes)
    switch format {
    case .jpeg: return try readJPEG(cursor)
    case .png: return try readPNG(cursor)
    case .webp: return try readWebP(cursor)
    }
  }

  /// Reads the header of a file that is wholly in memory, as above.
  public static func read(_ bytes: [UInt8]) throws(ImageError) -> ImageHeader {
    let result = bytes.withUnsafeBytes { (raw) -> Result<ImageHeader, ImageError> in
      Result { () throws(ImageError) in try read(raw) }
    }
    return try result.get()
  }
}

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
