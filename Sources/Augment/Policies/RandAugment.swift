public import KeyedRandom
public import Preprocessing
public import Settings

/// RandAugment (Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space", 2019) as
/// torchvision has it: a few operations of 14, all of the same magnitude. timm's variant is ``TimmAutoAugment``.
public struct RandAugment: DrawnTransform, TransformOptions {
  /// Number of operations for an image.
  public var numOps = 2
  /// The magnitude, from 0 to `num_magnitude_bins` - 1.
  public var magnitude = 9
  /// Number of magnitudes from none to the largest.
  public var numMagnitudeBins = 31
  /// The filter of rotations, shears and translations.
  public var interpolation = Interpolation.nearest
  /// The colour around a moved image.
  public var fill = ScalarOrList<Int>.scalar(0)

  /// torchvision's defaults.
  public init() {}

  /// Reports a magnitude that is none of the bins.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("num_ops", numOps, in: 0...100)
    issues.check("num_magnitude_bins", numMagnitudeBins, in: 2...1000)
    issues.check(
      (0..<max(1, numMagnitudeBins)).contains(magnitude), "magnitude", found: magnitude,
      "from 0 to num_magnitude_bins - 1 (\(numMagnitudeBins - 1))", related: ["num_magnitude_bins"])
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// Operations, each equally likely, and the signs of their magnitudes.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    let space = OperationSpace.randAugment(numBins: numMagnitudeBins, width: width, height: height)
    return (0..<numOps).map { _ in
      let entry = space.entries[random.integer(below: space.entries.count)]
      return entry.step(bin: magnitude, isNegated: entry.isSigned && random.bool(probability: 0.5), interpolation)
    }
  }

  /// The operations one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer {
    image.applying(draw, fill: fill.color)
  }
}
