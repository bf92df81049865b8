public import KeyedRandom
public import Settings

/// 3-Augment (Touvron, Cord and Jégou, "DeiT III: Revenge of the ViT", 2022): grey, solarized or blurred, each as often,
/// then a colour jitter. Blur, threshold and jitter are those of the authors' code.
public struct ThreeAugment: DrawnTransform, TransformOptions {
  /// The jitter of brightness, contrast and saturation that follows; 0 leaves it out.
  public var colorJitter = 0.3

  /// The authors' values.
  public init() {}

  /// Reports a jitter out of range.
  public func validate(_ issues: inout IssueCollector) { issues.check("color_jitter", colorJitter, in: 0...100) }

  /// One of the three, and the jitter.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    let operation: PixelOperation =
      switch random.integer(below: 3) {
      case 0: .grayscale
      case 1: .solarize(threshold: 128)
      default: .gaussianBlur(radius: random.uniform(in: 0.1...2))
      }
    let jitter = ColorJitter {
      $0.brightness = .scalar(colorJitter)
      $0.contrast = .scalar(colorJitter)
      $0.saturation = .scalar(colorJitter)
    }
    return [PolicyStep(operation)] + jitter.draw(width: width, height: height, random: &random)
  }

  /// The operations one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer { image.applying(draw) }
}
