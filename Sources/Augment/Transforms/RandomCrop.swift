public import KeyedRandom
import Preprocessing
public import Settings

/// A rectangle of a fixed size at a random place of the image, which may be padded first: torchvision's `RandomCrop`.
/// Padding reflects the image itself, whatever its width.
public struct RandomCrop: DrawnTransform {
  /// Number of rows.
  public var height: Int
  /// Number of columns.
  public var width: Int
  /// How far the rectangle may reach beyond each border.
  public var padding: Int
  /// What it shows there.
  public var paddingMode: PaddingMode
  /// The colour of constant padding.
  public var fill: (UInt8, UInt8, UInt8)

  /// A crop of the given size. A side of the image that is shorter even with its padding is padded as far as needed, at
  /// both ends (`pad_if_needed`).
  public init(
    height: Int, width: Int, padding: Int = 0, paddingMode: PaddingMode = .constant,
    fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) {
    precondition(height > 0 && width > 0 && padding >= 0, "a crop of \(width)x\(height), padded by \(padding)")
    self.height = height
    self.width = width
    self.padding = padding
    self.paddingMode = paddingMode
    self.fill = fill
  }

  /// The rectangle, in the image's coordinates; parts of it may lie outside.
  public func draw(width imageWidth: Int, height imageHeight: Int, random: inout KeyedRandom) -> PixelRect {
    func place(_ size: Int, in imageSize: Int) -> Int {
      let missing = max(0, size - imageSize - 2 * padding)
      let room = imageSize + 2 * (padding + missing) - size
      return random.integer(below: room + 1) - padding - missing
    }
    let y = place(height, in: imageHeight)
    return PixelRect(x: place(width, in: imageWidth), y: y, width: width, height: height)
  }

  /// The pixels of the rectangle.
  public func apply(_ draw: PixelRect, to image: ImageBuffer) -> ImageBuffer {
    image.cropped(
      x: draw.x, y: draw.y, width: draw.width, height: draw.height, padding: paddingMode, fill: fill)
  }

  /// The crop's size.
  public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) { (self.width, self.height) }
}

extension RandomCrop {
  /// What a user sets of a random crop.
  public struct Options: TransformOptions {
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

    /// The crop.
    public func makeTransform() -> any Transform {
      RandomCrop(
        height: size.heightAndWidth.height, width: size.heightAndWidth.width, padding: padding,
        paddingMode: paddingMode, fill: fill.color)
    }
  }
}
