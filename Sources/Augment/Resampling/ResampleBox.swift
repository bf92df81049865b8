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
