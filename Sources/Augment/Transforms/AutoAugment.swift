public import KeyedRandom
public import Preprocessing
public import Settings

/// AutoAugment as torchvision has it: one of a policy's 25 pairs of operations, each applied with its probability.
public struct AutoAugment: DrawnTransform {
  /// The policy.
  public var policy: AutoAugmentPolicy
  /// The filter of rotations, shears and translations.
  public var interpolation: Interpolation
  /// What a moved image shows where there is nothing.
  public var fill: (UInt8, UInt8, UInt8)

  /// An augmentation with torchvision's defaults.
  public init(
    policy: AutoAugmentPolicy = .imagenet, interpolation: Interpolation = .nearest,
    fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) {
    self.policy = policy
    self.interpolation = interpolation
    self.fill = fill
  }

  /// A pair of the policy, which of its operations are applied, and the signs of their magnitudes.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> [PolicyStep] {
    let rules = policy.rules
    let space = OperationSpace.autoAugment(width: width, height: height)
    return rules[random.integer(below: rules.count)].compactMap { rule in
      // Drawn in any case, so that the second operation does not depend on the first one's probability.
      let isApplied = random.bool(probability: rule.probability)
      let isNegated = random.bool(probability: 0.5)
      guard isApplied, let entry = space.entries.first(where: { $0.kind == rule.kind }) else { return nil }
      return entry.step(bin: rule.magnitude ?? 0, isNegated: entry.isSigned && isNegated, interpolation)
    }
  }

  /// The operations one after the other.
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer { image.applying(draw, fill: fill) }
}

extension AutoAugment {
  /// What a user sets of AutoAugment.
  public struct Options: TransformOptions {
    /// The set of images that the policy was found on.
    public var policy = AutoAugmentPolicy.imagenet
    /// The filter of rotations, shears and translations.
    public var interpolation = Interpolation.nearest
    /// The colour around a moved image.
    public var fill = ScalarOrList<Int>.scalar(0)

    /// torchvision's defaults.
    public init() {}

    /// Reports a filter that no rotation has, and a fill that is no colour.
    public func validate(_ issues: inout IssueCollector) {
      issues.checkPointwise(interpolation)
      issues.checkFill(fill)
    }

    /// The augmentation.
    public func makeTransform() -> any Transform {
      AutoAugment(policy: policy, interpolation: interpolation, fill: fill.color)
    }
  }
}
