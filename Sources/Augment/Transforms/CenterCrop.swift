public import KeyedRandom
public import Settings

/// The middle of an image, with torchvision's rounding; an image that is smaller gets black borders first.
public struct CenterCrop: Transform, TransformOptions {
  /// Number of rows and columns, or a list of both.
  public var size = ScalarOrList<Int>.scalar(224)

  /// The defaults.
  public init() {}

  /// A crop of the given size.
  public init(height: Int, width: Int) { size = .list([height, width]) }

  /// Reports a size that no input has.
  public func validate(_ issues: inout IssueCollector) { issues.checkSize(size) }

  /// The rectangle: half of what is left over is cut off, rounded to even. Of a shorter side, half of what is missing,
  /// rounded down, lies before it.
  public func rect(width imageWidth: Int, height imageHeight: Int) -> PixelRect {
    let (height, width) = size.heightAndWidth
    func start(_ size: Int, in imageSize: Int) -> Int {
      imageSize < size
        ? -((size - imageSize) / 2) : Int((Double(imageSize - size) / 2).rounded(.toNearestOrEven))
    }
    return PixelRect(x: start(width, in: imageWidth), y: start(height, in: imageHeight), width: width, height: height)
  }

  /// The middle of the image; nothing is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let rect = rect(width: image.width, height: image.height)
    return image.cropped(x: rect.x, y: rect.y, width: rect.width, height: rect.height, padding: .constant)
  }

  /// The crop's size.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    let (height, width) = self.size.heightAndWidth
    return (width, height)
  }
}
