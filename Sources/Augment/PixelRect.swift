/// A rectangle of whole pixels; x grows to the right, y downwards.
public struct PixelRect: Sendable, Hashable, Codable {
  /// The first column.
  public var x: Int
  /// The first row.
  public var y: Int
  /// Number of columns.
  public var width: Int
  /// Number of rows.
  public var height: Int

  /// A rectangle from its corner and size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Whether the other rectangle lies inside this one.
  public func contains(_ other: PixelRect) -> Bool {
    other.x >= x && other.y >= y && other.width > 0 && other.height > 0 && other.width <= width
      && other.height <= height && other.x - x <= width - other.width && other.y - y <= height - other.height
  }
}

/// A rectangle of an image in continuous coordinates, where pixel i spans i to i + 1 (Pillow's `resize(box=)`).
public struct ResampleBox: Sendable, Hashable {
  /// The left border.
  public var x0: Double
  /// The upper border.
  public var y0: Double
  /// The right border.
  public var x1: Double
  /// The lower border.
  public var y1: Double

  /// A box from its borders.
  public init(x0: Double, y0: Double, x1: Double, y1: Double) {
    self.x0 = x0
    self.y0 = y0
    self.x1 = x1
    self.y1 = y1
  }

  /// The box of a rectangle of whole pixels.
  public init(_ rect: PixelRect) {
    self.init(x0: Double(rect.x), y0: Double(rect.y), x1: Double(rect.x + rect.width), y1: Double(rect.y + rect.height))
  }

  /// The distance between left and right border.
  public var width: Double { x1 - x0 }
  /// The distance between upper and lower border.
  public var height: Double { y1 - y0 }

  /// The box moved by the given distances.
  public func translated(x: Double, y: Double) -> ResampleBox {
    ResampleBox(x0: x0 + x, y0: y0 + y, x1: x1 + x, y1: y1 + y)
  }
}
