/// What an image shows beyond its border.
public enum PaddingMode: String, Codable, CaseIterable, Sendable {
  /// A colour.
  case constant
  /// The pixel at the border.
  case edge
  /// The image mirrored at the middle of its border pixels, which are not repeated.
  case reflect
  /// The image mirrored at its border.
  case symmetric

  /// The index within 0..<count that stands for any index, or nil for the colour.
  func source(of index: Int, count: Int) -> Int? {
    if (0..<count).contains(index) { return index }
    func folded(_ period: Int) -> Int { (index % period + period) % period }
    switch self {
    case .constant: return nil
    case .edge: return index < 0 ? 0 : count - 1
    case .reflect:
      if count == 1 { return 0 }
      let place = folded(2 * count - 2)
      return place < count ? place : 2 * count - 2 - place
    case .symmetric:
      let place = folded(2 * count)
      return place < count ? place : 2 * count - 1 - place
    }
  }
}

extension ImageBuffer {
  /// The pixels of a rectangle that may lie beyond the image's border.
  func cropped(
    x: Int, y: Int, width: Int, height: Int, padding: PaddingMode, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    let rect = PixelRect(x: x, y: y, width: width, height: height)
    if bounds.contains(rect) { return cropped(to: rect) }
    let columns = (x..<x + width).map { padding.source(of: $0, count: self.width) ?? -1 }
    return pixels.withUnsafeBufferPointer { source in
      ImageBuffer(width: width, height: height) { target in
        var out = target.baseAddress!
        for row in y..<y + height {
          let line = padding.source(of: row, count: self.height).map { source.baseAddress! + $0 * self.width * 3 }
          for column in columns {
            if let line, column >= 0 {
              let pixel = line + column * 3
              (out[0], out[1], out[2]) = (pixel[0], pixel[1], pixel[2])
            } else {
              (out[0], out[1], out[2]) = fill
            }
            out += 3
          }
        }
      }
    }
  }
}
