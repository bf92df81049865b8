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
  public func outputSize(width sourceWidth: Int, height sourceHeight: Int) -> (width: Int, height: Int) {
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

  /// The resized image; nothing is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let size = outputSize(width: image.width, height: image.height)
    return image.resized(width: size.width, height: size.height, interpolation: interpolation)
  }
}

extension Resize {
  /// What a user sets of a resize.
  public struct Options: TransformOptions {
    /// The target height.
    public var height = 224
    /// The target width.
    public var width = 224
    /// Whether the aspect ratio is kept.
    public var mode = ResizeMode.shortSide
    /// The filter.
    public var interpolation = Interpolation.bilinear

    /// The defaults.
    public init() {}

    /// Reports a size that no input has.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("height", height, in: 1...ImagePreprocessing.maxSide)
      issues.check("width", width, in: 1...ImagePreprocessing.maxSide)
    }

    /// The resize.
    public func makeTransform() -> any Transform {
      Resize(height: height, width: width, mode: mode, interpolation: interpolation)
    }
  }
}
