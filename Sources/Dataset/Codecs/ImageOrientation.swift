import Augment

/// How the stored rows and columns are to be shown: EXIF's tag 0x0112, value 1 to 8.
public enum ImageOrientation: Int, Sendable, CaseIterable, Codable {
  /// 1: as stored.
  case up = 1
  /// 2: mirrored left to right.
  case upMirrored
  /// 3: turned by 180 degrees.
  case down
  /// 4: mirrored top to bottom.
  case downMirrored
  /// 5: mirrored along the main diagonal.
  case leftMirrored
  /// 6: to be turned clockwise by 90 degrees.
  case right
  /// 7: mirrored along the other diagonal.
  case rightMirrored
  /// 8: to be turned counterclockwise by 90 degrees.
  case left

  /// Whether columns become rows.
  public var swapsAxes: Bool { rawValue >= 5 }
  /// Whether the stored columns are read from right to left.
  var reversesX: Bool { [.upMirrored, .down, .rightMirrored, .left].contains(self) }
  /// Whether the stored rows are read from bottom to top.
  var reversesY: Bool { [.down, .downMirrored, .right, .rightMirrored].contains(self) }

  /// The stored rectangle that shows as `rect` of an image whose stored size is given.
  func stored(_ rect: PixelRect, width: Int, height: Int) -> PixelRect {
    var stored = rect
    if swapsAxes { stored = PixelRect(x: rect.y, y: rect.x, width: rect.height, height: rect.width) }
    if reversesX { stored.x = width - stored.x - stored.width }
    if reversesY { stored.y = height - stored.y - stored.height }
    return stored
  }

  /// The box of shown coordinates for a box of stored ones.
  func shown(_ box: ResampleBox, width: Int, height: Int) -> ResampleBox {
    var shown = box
    if reversesX { (shown.x0, shown.x1) = (Double(width) - box.x1, Double(width) - box.x0) }
    if reversesY { (shown.y0, shown.y1) = (Double(height) - box.y1, Double(height) - box.y0) }
    return swapsAxes ? ResampleBox(x0: shown.y0, y0: shown.x0, x1: shown.y1, y1: shown.x1) : shown
  }

  /// The image as it is to be shown.
  func apply(to image: ImageBuffer) -> ImageBuffer {
    if self == .up { return image }
    let (width, height) = (image.width, image.height)
    let (shownWidth, shownHeight) = swapsAxes ? (height, width) : (width, height)
    // Steps, in bytes, of the stored position for one pixel to the right and one row down in the shown image.
    let column = (reversesX ? -1 : 1) * 3
    let row = (reversesY ? -1 : 1) * width * 3
    let start = ((reversesY ? height - 1 : 0) * width + (reversesX ? width - 1 : 0)) * 3
    let (right, down) = swapsAxes ? (row, column) : (column, row)
    return image.pixels.withUnsafeBufferPointer { source in
      ImageBuffer(width: shownWidth, height: shownHeight) { target in
        var to = target.baseAddress!
        for y in 0..<shownHeight {
          var from = start + y * down
          for _ in 0..<shownWidth {
            to[0] = source[from]
            to[1] = source[from + 1]
            to[2] = source[from + 2]
            to += 3
            from += right
          }
        }
      }
    }
  }
}

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
