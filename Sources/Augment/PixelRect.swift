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
