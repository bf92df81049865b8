public import KeyedRandom
import Preprocessing
public import Settings

/// A rectangle of a fixed size at a random place of the image, which may be padded first: torchvision's `RandomCrop`. A
/// side that is shorter even with its padding is padded as far as needed, at both ends (`pad_if_needed`). Padding reflects
/// the image itself, whatever its width.
public struct RandomCrop: DrawnTransform, TransformOptions {
  /// Number of rows and columns, or a list of both.
  public var size = ScalarOrList<Int>.scalar(32)
  /// How far the rectangle may reach beyond each border.
  public var padding = 4
  /// What it shows there: constant, edge, reflect or symmetric.
  public var paddingMode = PaddingMode.constant
  /// The colour of constant padding.
  public var fill = ScalarOrList<Int>.scalar(0)

  /// The crop that is customary for CIFAR.
  public init() {}

  /// Reports a size that no input has.
  public func validate(_ issues: inout IssueCollector) {
    issues.checkSize(size)
    issues.check("padding", padding, in: 0...ImagePreprocessing.maxSide)
    issues.checkFill(fill)
  }

  /// The rectangle, in the image's coordinates; parts of it may lie outside.
  public func draw(width imageWidth: Int, height imageHeight: Int, random: inout KeyedRandom) -> PixelRect {
    func place(_ size: Int, in imageSize: Int) -> Int {
      let missing = max(0, size - imageSize - 2 * padding)
      let room = imageSize + 2 * (padding + missing) - size
      return random.integer(below: room + 1) - padding - missing
    }
    let (height, width) = size.heightAndWidth
    let y = place(height, in: imageHeight)
    return PixelRect(x: place(width, in: imageWidth), y: y, width: width, height: height)
  }

  /// The pixels of the rectangle.
  public func apply(_ draw: PixelRect, to image: ImageBuffer) -> ImageBuffer {
    image.cropped(
      x: draw.x, y: draw.y, width: draw.width, height: draw.height, padding: paddingMode, fill: fill.color)
  }

  /// The crop's size.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    let (height, width) = self.size.heightAndWidth
    return (width, height)
  }
}
