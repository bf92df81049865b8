public import KeyedRandom
public import Settings

/// 3-Augment (Touvron, Cord and Jégou, "DeiT III: Revenge of the ViT", 2022): grey, solarized or blurred, each as often,
/// then a colour jitter. Blur, threshold and jitter are those of the authors' code.
public struct ThreeAugment: DrawnTransform {
  /// The jitter of brightness, contrast and saturation that follows.
  public var colorJitter: ColorJitter

  /// An augmentation with the authors' jitter; 0 leaves it out.
  public init(colorJitter: Double = 0.3) {
    self.colorJitter = ColorJitter(brightness: colorJitter, contrast: colorJitter, saturation: colorJitter)
  }

  /// One of the three, and the jitter.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    let operation: PixelOperation =
      switch random.integer(below: 3) {
      case 0: .grayscale
      case 1: .solarize(threshold: 128)
      default: .gaussianBlur(radius: random.uniform(in: 0.1...2))
      }
    return [PolicyStep(operation)] + colorJitter.draw(width: width, height: height, random: &random)
  }

  /// The operations one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer { image.applying(draw) }
}

extension ThreeAugment {
  /// What a user sets of 3-Augment.
  public struct Options: TransformOptions {
    /// The jitter of brightness, contrast and saturation.
    public var colorJitter = 0.3

    /// The authors' values.
    public init() {}

    /// Reports a jitter out of range.
    public func validate(_ issues: inout IssueCollector) { issues.check("color_jitter", colorJitter, in: 0...100) }

    /// The augmentation.
    public func makeTransform() -> any Transform { ThreeAugment(colorJitter: colorJitter) }
  }
}
