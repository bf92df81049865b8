public import KeyedRandom
public import Preprocessing
public import Settings

/// A random crop (see ``SourceCrop``) resized to a fixed size: torchvision's `RandomResizedCrop`.
public struct RandomResizedCrop: Transform {
  /// How the crop is drawn.
  public var crop: SourceCrop
  /// Number of output rows.
  public var height: Int
  /// Number of output columns.
  public var width: Int
  /// The filter of the resize.
  public var interpolation: Interpolation

  /// A crop that is resized to the given size.
  public init(height: Int, width: Int, crop: SourceCrop = SourceCrop(), interpolation: Interpolation = .bilinear) {
    self.crop = crop
    self.height = height
    self.width = width
    self.interpolation = interpolation
  }

  /// A rectangle of the image, resized.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let rect = crop.plan(width: image.width, height: image.height, random: &random)
    return image.cropped(to: rect).resized(width: width, height: height, interpolation: interpolation)
  }

  /// The crop's size.
  public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) { (self.width, self.height) }
}

extension RandomResizedCrop {
  /// What a user sets of a random resized crop.
  public struct Options: TransformOptions {
    /// Number of output rows and columns, or a list of both.
    public var size = ScalarOrList<Int>.scalar(224)
    /// The smallest and the largest part of the area.
    public var scale = SourceCrop.Options().scale
    /// The smallest and the largest ratio of width to height.
    public var ratio = SourceCrop.Options().ratio
    /// The filter of the resize.
    public var interpolation = Interpolation.bilinear

    /// The defaults.
    public init() {}

    /// Reports a size that no input has, and ranges that no crop can have.
    public func validate(_ issues: inout IssueCollector) {
      issues.checkSize(size)
      crop.validate(&issues)
    }

    /// The crop.
    public func makeTransform() -> any Transform {
      RandomResizedCrop(
        height: size.heightAndWidth.height, width: size.heightAndWidth.width, crop: crop.makeCrop(),
        interpolation: interpolation)
    }

    private var crop: SourceCrop.Options {
      var crop = SourceCrop.Options()
      (crop.scale, crop.ratio) = (scale, ratio)
      return crop
    }
  }
}
