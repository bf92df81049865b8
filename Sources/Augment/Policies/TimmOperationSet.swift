/// The operations that timm's RandAugment and AugMix draw from.
public struct TimmOperationSet: Sendable, Equatable {
  /// The operations in timm's order.
  public var operations: [TimmOperation]
  /// How often each is drawn, relative to the others; nil: equally often. Weighted operations are drawn without
  /// repetition.
  public var weights: [Double]?

  /// The sets that a `t` section can name.
  static let named: KeyValuePairs<String, TimmOperationSet> = ["weights": weighted, "3a": three, "3aw": threeWeighted]

  /// RandAugment's own set, some operations of which grow weaker with the level.
  public static let standard = TimmOperationSet(operations: [
    .autoContrast, .equalize, .invert, .rotate, .posterize, .solarize, .solarizeAdd, .color, .contrast, .brightness,
    .sharpness, .shearX, .shearY, .translateXRel, .translateYRel,
  ])

  /// The same with operations that all grow stronger with the level (`inc1`).
  public static let increasing = TimmOperationSet(operations: [
    .autoContrast, .equalize, .invert, .rotate, .posterizeIncreasing, .solarizeIncreasing, .solarizeAdd,
    .colorIncreasing, .contrastIncreasing, .brightnessIncreasing, .sharpnessIncreasing, .shearX, .shearY,
    .translateXRel, .translateYRel,
  ])

  /// The set of AugMix.
  public static let augMix = TimmOperationSet(operations: [
    .autoContrast, .colorIncreasing, .contrastIncreasing, .brightnessIncreasing, .sharpnessIncreasing, .equalize,
    .rotate, .posterizeIncreasing, .solarizeIncreasing, .shearX, .shearY, .translateXRel, .translateYRel,
  ])

  /// `tweights`: mostly geometry.
  public static let weighted = TimmOperationSet([
    (.rotate, 3), (.shearX, 2), (.shearY, 2), (.translateXRel, 1), (.translateYRel, 1), (.colorIncreasing, 0.25),
    (.sharpnessIncreasing, 0.25), (.autoContrast, 0.25), (.solarizeIncreasing, 0.05), (.solarizeAdd, 0.05),
    (.contrastIncreasing, 0.05), (.brightnessIncreasing, 0.05), (.equalize, 0.05), (.posterizeIncreasing, 0.05),
    (.invert, 0.05),
  ])

  /// `t3a`: the three of 3-Augment.
  public static let three = TimmOperationSet(operations: [.solarizeIncreasing, .desaturate, .gaussianBlur])

  /// `t3aw`: mostly the three of 3-Augment.
  public static let threeWeighted = TimmOperationSet([
    (.solarizeIncreasing, 6), (.desaturate, 6), (.gaussianBlur, 6), (.rotate, 3), (.shearX, 2), (.shearY, 2),
    (.posterizeIncreasing, 1), (.autoContrast, 1), (.colorIncreasing, 1), (.sharpnessIncreasing, 1),
    (.contrastIncreasing, 1), (.brightnessIncreasing, 1), (.equalize, 1), (.invert, 1),
  ])

  /// `w0`, which timm had before `tweights`: the standard set, neither inverted nor posterized.
  public static let weightedZero = TimmOperationSet([
    (.autoContrast, 0.025), (.equalize, 0.005), (.invert, 0), (.rotate, 0.3), (.posterize, 0), (.solarize, 0.005),
    (.solarizeAdd, 0.005), (.color, 0.025), (.contrast, 0.005), (.brightness, 0.005), (.sharpness, 0.025),
    (.shearX, 0.2), (.shearY, 0.2), (.translateXRel, 0.1), (.translateYRel, 0.1),
  ])

  init(operations: [TimmOperation]) { self.operations = operations }

  init(_ weighted: [(operation: TimmOperation, weight: Double)]) {
    operations = weighted.map(\.operation)
    weights = weighted.map(\.weight)
  }

  /// How many operations can be drawn for one image: any number, or those with a weight.
  var maxDrawn: Int { weights.map { $0.count { $0 > 0 } } ?? .max }
}
