public import KeyedRandom
public import Preprocessing
public import Settings

/// TrivialAugment's wide variant (Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
/// Augmentation", 2021) as torchvision has it: one operation of a random magnitude.
public struct TrivialAugmentWide: DrawnTransform {
  /// Number of magnitudes from none to the largest.
  public var numMagnitudeBins: Int
  /// The filter of rotations, shears and translations.
  public var interpolation: Interpolation
  /// What a moved image shows where there is nothing.
  public var fill: (UInt8, UInt8, UInt8)
  private let space: OperationSpace

  /// An augmentation with torchvision's defaults.
  public init(
    numMagnitudeBins: Int = 31, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) {
    self.numMagnitudeBins = numMagnitudeBins
    self.interpolation = interpolation
    self.fill = fill
    space = .trivialAugment(numBins: numMagnitudeBins)
  }

  /// An operation, its magnitude and its sign.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> PolicyStep {
    let entry = space.entries[random.integer(below: space.entries.count)]
    let bin = entry.numMagnitudes == 0 ? 0 : random.integer(below: entry.numMagnitudes)
    return entry.step(bin: bin, isNegated: entry.isSigned && random.bool(probability: 0.5), interpolation)
  }

  /// The operation.
  public func apply(_ draw: PolicyStep, to image: ImageBuffer) -> ImageBuffer { image.applying(draw, fill: fill) }
}

extension TrivialAugmentWide {
  /// What a user sets of TrivialAugment.
  public struct Options: TransformOptions {
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

    /// The augmentation.
    public func makeTransform() -> any Transform {
      TrivialAugmentWide(
        numMagnitudeBins: numMagnitudeBins, interpolation: interpolation, fill: fill.color)
    }
  }
}
