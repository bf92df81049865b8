public import KeyedRandom
public import Preprocessing
public import Settings

/// A random crop (see ``SourceCrop``) resized to a fixed size: torchvision's `RandomResizedCrop`.
public struct RandomResizedCrop: DrawnTransform, TransformOptions {
  /// Number of output rows and columns, or a list of both.
  public var size = ScalarOrList<Int>.scalar(224)
  /// The smallest and the largest part of the area.
  public var scale = [0.08, 1]
  /// The smallest and the largest ratio of width to height.
  public var ratio = [3.0 / 4, 4.0 / 3]
  /// The filter of the resize.
  public var interpolation = Interpolation.bilinear

  /// The defaults, those of ImageNet.
  public init() {}

  /// Reports a size that no input has, and ranges that no crop can have.
  public func validate(_ issues: inout IssueCollector) {
    issues.checkSize(size)
    issues.checkAscending(
      "scale", scale, in: Double.leastNonzeroMagnitude...1, "two ascending numbers above 0 and up to 1")
    issues.checkAscending("ratio", ratio, in: 1e-6...1e6, "two ascending positive numbers")
  }

  /// How the rectangle is drawn.
  public var crop: SourceCrop { SourceCrop(scale: scale[0]...scale[1], ratio: ratio[0]...ratio[1]) }

  /// The rectangle.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> PixelRect {
    crop.plan(width: width, height: height, random: &random)
  }

  /// The rectangle of the image, resized.
  public func apply(_ draw: PixelRect, to image: ImageBuffer) -> ImageBuffer {
    let (height, width) = size.heightAndWidth
    return image.cropped(to: draw).resized(width: width, height: height, interpolation: interpolation)
  }

  /// The crop's size.
  public func outputSize(of size: ImageSize?) -> ImageSize? {
    let (height, width) = self.size.heightAndWidth
    return (width, height)
  }
}

/// The crop of "Going Deeper with Convolutions" (Szegedy et al., 2014), by torchvision's rules: a rectangle with a
/// random part of the area and a random aspect ratio. Drawn before the pixels exist, so that the decoder decodes only
/// what is needed.
public struct SourceCrop: Sendable, Equatable {
  /// The part of the area.
  public var scale: ClosedRange<Double>
  /// The ratio of width to height, drawn uniformly in its logarithm.
  public var ratio: ClosedRange<Double>

  /// A crop of the given ranges; the area's must be positive and at most 1, the ratio's positive.
  public init(scale: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double> = 3.0 / 4...4.0 / 3) {
    precondition(scale.lowerBound > 0 && scale.upperBound <= 1, "a crop's scale must lie in (0, 1], got \(scale)")
    precondition(
      ratio.lowerBound >= 1e-6 && ratio.upperBound <= 1e6, "a crop's ratio must be positive, got \(ratio)")
    self.scale = scale
    self.ratio = ratio
  }

  /// The rectangle for an image of the given size. After ten rectangles that don't fit, the largest one in the middle
  /// whose ratio is allowed.
  public func plan(width: Int, height: Int, random: inout KeyedRandom) -> PixelRect {
    precondition(width > 0 && height > 0, "an image needs a positive size, got \(width)x\(height)")
    let area = Double(width) * Double(height)
    let logRatio = DeterministicMath.log(ratio.lowerBound)...DeterministicMath.log(ratio.upperBound)
    for _ in 0..<10 {
      let target = area * random.uniform(in: scale)
      let aspect = DeterministicMath.exp(random.uniform(in: logRatio))
      let cropWidth = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
      let cropHeight = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
      if cropWidth > 0, cropHeight > 0, cropWidth <= width, cropHeight <= height {
        let y = random.integer(below: height - cropHeight + 1)
        let x = random.integer(below: width - cropWidth + 1)
        return PixelRect(x: x, y: y, width: cropWidth, height: cropHeight)
      }
    }
    return fallback(width: width, height: height)
  }

  private func fallback(width: Int, height: Int) -> PixelRect {
    let actual = Double(width) / Double(height)
    var (cropWidth, cropHeight) = (width, height)
    if actual < ratio.lowerBound {
      cropHeight = min(height, max(1, Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven))))
    } else if actual > ratio.upperBound {
      cropWidth = min(width, max(1, Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven))))
    }
    return PixelRect(
      x: (width - cropWidth) / 2, y: (height - cropHeight) / 2, width: cropWidth, height: cropHeight)
  }
}
