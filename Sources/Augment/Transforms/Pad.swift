public import KeyedRandom
import Preprocessing
public import Settings

/// A border: torchvision's `Pad`.
public struct Pad: Transform, TransformOptions {
  /// How many pixels at each side; a list: left and right, above and below; or left, above, right, below.
  public var padding = ScalarOrList<Int>.scalar(4)
  /// The colour of constant padding: grey, or red, green and blue.
  public var fill = ScalarOrList<Int>.scalar(0)
  /// What the border shows: constant, edge, reflect or symmetric.
  public var paddingMode = PaddingMode.constant

  /// The defaults.
  public init() {}

  /// Reports borders that are too wide.
  public func validate(_ issues: inout IssueCollector) {
    let limits = 0...ImagePreprocessing.maxSide
    issues.check(
      [1, 2, 4].contains(padding.elements.count) && padding.elements.allSatisfy(limits.contains), "padding",
      found: padding.elements, "a number from 0 to \(limits.upperBound), or a list of 1, 2 or 4 of these")
    issues.checkFill(fill)
  }

  /// The image with its border.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let rect = rect(around: (image.width, image.height))
    return image.cropped(
      x: rect.x, y: rect.y, width: rect.width, height: rect.height, padding: paddingMode, fill: fill.color)
  }

  /// The size with the border.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    size.map { size in
      let rect = rect(around: size)
      return (rect.width, rect.height)
    }
  }

  /// What is shown, in the image's coordinates; only the image where its border would take more than
  /// ``ImageBuffer/maximumPixels``.
  private func rect(around size: ImageSize) -> PixelRect {
    let numbers = padding.elements
    let (left, top) = (numbers[0], numbers[numbers.count > 1 ? 1 : 0])
    let (right, bottom) = numbers.count == 4 ? (numbers[2], numbers[3]) : (left, top)
    let (width, height) = (size.width + left + right, size.height + top + bottom)
    if width * height > max(ImageBuffer.maximumPixels, size.width * size.height) {
      return PixelRect(x: 0, y: 0, width: size.width, height: size.height)
    }
    return PixelRect(x: -left, y: -top, width: width, height: height)
  }
}

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
