import KeyedRandom

/// A rectangle that random erasing overwrites, and with what.
public struct ErasedRect: Sendable, Equatable {
  /// What is written, in normalised numbers.
  public enum Content: Sendable, Equatable {
    /// A number for each channel.
    case color([Float])
    /// Normally distributed numbers, in 2^16 steps, which follow from the key.
    case noise(key: Int)
    /// Given numbers, 3 x height x width of the rectangle.
    case values([Float])
  }

  /// The place.
  public var rect: PixelRect
  /// What is written.
  public var content: Content

  /// A rectangle and what is written.
  public init(_ rect: PixelRect, _ content: Content) {
    self.rect = rect
    self.content = content
  }

  func write(into values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int) {
    if rect.width == 0 || rect.height == 0 { return }
    precondition(
      PixelRect(x: 0, y: 0, width: width, height: height).contains(rect), "\(rect) lies outside of \(width)x\(height)")
    var noise: NormalNoise?
    if case .noise(let key) = content { noise = NormalNoise(key: key) }
    for channel in 0..<3 {
      for row in 0..<rect.height {
        let start = (channel * height + rect.y + row) * width + rect.x
        let line = UnsafeMutableBufferPointer(rebasing: values[start..<start + rect.width])
        switch content {
        case .color(let color): line.update(repeating: color[channel])
        case .noise: noise?.fill(line)
        case .values(let numbers):
          let first = (channel * rect.height + row) * rect.width
          for column in 0..<rect.width { line[column] = numbers[first + column] }
        }
      }
    }
  }
}
