public import KeyedRandom
public import Preprocessing
public import Settings

/// TrivialAugment's wide variant (Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
/// Augmentation", 2021) as torchvision has it: one operation of a random magnitude.
public struct TrivialAugmentWide: DrawnTransform, TransformOptions {
  /// Number of magnitudes from none to the largest.
  public var numMagnitudeBins = 31
  /// The filter of rotations, shears and translations.
  public var interpolation = Interpolation.nearest
  /// The colour around a moved image.
  public var fill = ScalarOrList<Int>.scalar(0)

  /// torchvision's defaults.
  public init() {}

  /// Reports a number of bins that makes no magnitudes.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("num_magnitude_bins", numMagnitudeBins, in: 2...1000)
    issues.checkPointwise(interpolation)
    issues.checkFill(fill)
  }

  /// An operation, its magnitude and its sign.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> PolicyStep {
    let space = OperationSpace.trivialAugment(numBins: numMagnitudeBins)
    let entry = space.entries[random.integer(below: space.entries.count)]
    let bin = entry.numMagnitudes == 0 ? 0 : random.integer(below: entry.numMagnitudes)
    return entry.step(bin: bin, isNegated: entry.isSigned && random.bool(probability: 0.5), interpolation)
  }

  /// The operation.
  public func apply(_ draw: PolicyStep, to image: ImageBuffer) -> ImageBuffer { image.applying(draw, fill: fill.color) }
}
