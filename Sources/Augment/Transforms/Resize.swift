public import KeyedRandom
public import Preprocessing
public import Settings

/// A resize to a given short side, or to a given size whatever the aspect ratio.
public struct Resize: Transform {
  /// The target height and width.
  public var height: Int
  /// The target width.
  public var width: Int
  /// Whether the aspect ratio is kept (then each side is at least its target, and one is equal to it).
  public var mode: ResizeMode
  /// The filter.
  public var interpolation: Interpolation

  /// A resize to the given target.
  public init(height: Int, width: Int, mode: ResizeMode = .shortSide, interpolation: Interpolation = .bilinear) {
    self.height = height
    self.width = width
    self.mode = mode
    self.interpolation = interpolation
  }

  /// The size that an image of the given size gets. For a square target torchvision's rule (the long side is cut to a
  /// whole number), else that of timm's `ResizeKeepRatio` (both sides are rounded).
  public func outputSize(width sourceWidth: Int, height sourceHeight: Int) -> ImageSize {
    switch mode {
    case .squash: return (width, height)
    case .shortSide where width == height:
      if sourceWidth <= sourceHeight { return (width, width * sourceHeight / sourceWidth) }
      return (height * sourceWidth / sourceHeight, height)
    case .shortSide:
      let ratio = min(Double(sourceHeight) / Double(height), Double(sourceWidth) / Double(width))
      return (
        max(width, Int((Double(sourceWidth) / ratio).rounded(.toNearestOrEven))),
        max(height, Int((Double(sourceHeight) / ratio).rounded(.toNearestOrEven)))
      )
    }
  }

  /// The size that an image of the given size gets.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    guard mode == .shortSide else { return (width, height) }
    return size.map { bounded(outputSize(width: $0.width, height: $0.height)) }
  }

  /// A size of at most ``ImageBuffer/maximumPixels`` or the target's; beyond, the long side is compressed.
  private func bounded(_ size: ImageSize) -> ImageSize {
    let limit = max(ImageBuffer.maximumPixels, width * height)
    if size.width * size.height <= limit { return size }
    return size.width > size.height ? (limit / size.height, size.height) : (size.width, limit / size.width)
  }

  /// The resized image; nothing is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let size = bounded(outputSize(width: image.width, height: image.height))
    return image.resized(width: size.width, height: size.height, interpolation: interpolation)
  }
}

extension Resize {
  /// What a user sets of a resize.
  public struct Options: TransformOptions {
    /// The short side, the aspect ratio being kept; or height and width, whatever the ratio.
    public var size = ScalarOrList<Int>.scalar(224)
    /// The filter.
    public var interpolation = Interpolation.bilinear

    /// The defaults.
    public init() {}

    /// Reports a size that no input has.
    public func validate(_ issues: inout IssueCollector) { issues.checkSize(size) }

    /// The resize.
    public func makeTransform() -> any Transform {
      Resize(
        height: size.heightAndWidth.height, width: size.heightAndWidth.width, mode: size.isList ? .squash : .shortSide,
        interpolation: interpolation)
    }
  }
}
