public import KeyedRandom
public import Settings

/// The middle of an image, with torchvision's rounding; an image that is smaller gets black borders first.
public struct CenterCrop: Transform {
  /// Number of rows.
  public var height: Int
  /// Number of columns.
  public var width: Int

  /// A crop of the given size.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The rectangle in an image that is at least as large: half of what is left over, rounded to even.
  public func rect(width imageWidth: Int, height imageHeight: Int) -> PixelRect {
    let x = (Double(imageWidth - width) / 2).rounded(.toNearestOrEven)
    let y = (Double(imageHeight - height) / 2).rounded(.toNearestOrEven)
    return PixelRect(x: Int(x), y: Int(y), width: width, height: height)
  }

  /// The middle of the image; nothing is random.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    let padded = padded(image)
    return padded.cropped(to: rect(width: padded.width, height: padded.height))
  }

  private func padded(_ image: ImageBuffer) -> ImageBuffer {
    let (left, top) = (max(0, width - image.width) / 2, max(0, height - image.height) / 2)
    var canvas = ImageBuffer(width: max(width, image.width), height: max(height, image.height))
    if canvas.bounds == image.bounds { return image }
    for row in 0..<image.height {
      let from = row * image.width * 3
      let to = ((row + top) * canvas.width + left) * 3
      canvas.pixels.replaceSubrange(to..<to + image.width * 3, with: image.pixels[from..<from + image.width * 3])
    }
    return canvas
  }

  /// The crop's size.
  public func outputSize(width: Int, height: Int) -> (width: Int, height: Int) { (self.width, self.height) }
}

extension CenterCrop {
  /// What a user sets of a centre crop.
  public struct Options: TransformOptions {
    /// Number of rows and columns, or a list of both.
    public var size = ScalarOrList<Int>.scalar(224)

    /// The defaults.
    public init() {}

    /// Reports a size that no input has.
    public func validate(_ issues: inout IssueCollector) { issues.checkSize(size) }

    /// The crop.
    public func makeTransform() -> any Transform {
      CenterCrop(height: size.heightAndWidth.height, width: size.heightAndWidth.width)
    }
  }
}
