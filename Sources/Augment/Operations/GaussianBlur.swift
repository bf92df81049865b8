public import KeyedRandom
public import Settings

/// A blur whose strength is drawn from a range: torchvision's `GaussianBlur(kernel_size, sigma)`, or with a radius that
/// of Pillow, which timm uses.
public struct GaussianBlur: DrawnTransform, TransformOptions {
  /// Number of samples of the kernel in each direction, odd.
  public var kernelSize = 23
  /// The standard deviation in pixels, or the range that it is drawn from.
  public var sigma = ScalarOrList<Double>.list([0.1, 2])
  /// The standard deviation of Pillow's blur in pixels, or its range; where it is given, the other two are not used.
  public var radius: ScalarOrList<Double>?
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports kernels without a middle, and strengths that are no range.
  public func validate(_ issues: inout IssueCollector) {
    issues.check(
      (1...999).contains(kernelSize) && kernelSize % 2 == 1, "kernel_size", found: kernelSize,
      "an odd number from 1 to 999")
    issues.checkRange("sigma", sigma, in: 1e-3...1000)
    if let radius { issues.checkRange("radius", radius, in: 0...1000) }
    issues.check("probability", probability, in: 0...1)
  }

  /// The standard deviation, or nil where the image stays as it is.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Double? {
    random.bool(probability: probability) ? random.uniform(in: (radius ?? sigma).range) : nil
  }

  /// The blurred image, or the image.
  public func apply(_ draw: Double?, to image: ImageBuffer) -> ImageBuffer {
    guard let draw else { return image }
    return radius == nil
      ? image.gaussianBlurred(kernelSize: kernelSize, sigma: draw) : image.gaussianBlurred(radius: draw)
  }
}

/// Pillow's Gaussian blur of a random radius, with the given probability, as DeiT III's code has it: another way to set
/// a ``GaussianBlur``.
public struct RandomGaussianBlur: TransformOptions {
  /// The smallest radius, in pixels.
  public var minimumRadius = 0.1
  /// The largest radius.
  public var maximumRadius = 2.0
  /// How often.
  public var probability = 0.5

  /// The radii of DeiT III, every other time.
  public init() {}

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("minimum_radius", minimumRadius, in: 0...1000)
    issues.check("maximum_radius", maximumRadius, in: 0...1000)
    issues.check(
      minimumRadius <= maximumRadius, "minimum_radius", found: minimumRadius,
      "at most maximum_radius (\(maximumRadius))", related: ["maximum_radius"])
    issues.check("probability", probability, in: 0...1)
  }

  /// The blur.
  public func makeTransform() -> any Transform {
    GaussianBlur {
      $0.radius = .list([minimumRadius, maximumRadius])
      $0.probability = probability
    }
  }
}
