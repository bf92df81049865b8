public import KeyedRandom
public import Settings

/// A blur whose strength is drawn from a range: torchvision's `GaussianBlur(kernel_size, sigma)`, or with a radius that
/// of Pillow, which timm uses.
public struct GaussianBlur: Transform {
  /// How it is computed.
  public enum Kernel: Sendable, Equatable {
    /// A kernel of an odd number of samples.
    case sampled(size: Int)
    /// Three box blurs; sigma is called radius.
    case boxes
  }

  /// How it is computed.
  public var kernel: Kernel
  /// The range of the standard deviation, in pixels.
  public var sigma: ClosedRange<Double>
  /// How often.
  public var probability: Double

  /// A blur with a standard deviation from the range.
  public init(kernel: Kernel = .sampled(size: 23), sigma: ClosedRange<Double> = 0.1...2, probability: Double = 1) {
    self.kernel = kernel
    self.sigma = sigma
    self.probability = probability
  }

  /// The blurred image.
  public func apply(_ image: ImageBuffer, random: inout KeyedRandom) -> ImageBuffer {
    guard random.bool(probability: probability) else { return image }
    let sigma = random.uniform(in: sigma)
    return switch kernel {
    case .sampled(let size): image.gaussianBlurred(kernelSize: size, sigma: sigma)
    case .boxes: image.gaussianBlurred(radius: sigma)
    }
  }
}

extension GaussianBlur {
  /// What a user sets of a blur.
  public struct Options: TransformOptions {
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

    /// The blur.
    public func makeTransform() -> any Transform {
      if let radius { return GaussianBlur(kernel: .boxes, sigma: radius.range, probability: probability) }
      return GaussianBlur(kernel: .sampled(size: kernelSize), sigma: sigma.range, probability: probability)
    }
  }
}
