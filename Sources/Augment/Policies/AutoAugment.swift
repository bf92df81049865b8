public import KeyedRandom
public import Preprocessing
public import Settings

/// AutoAugment as torchvision has it: one of a policy's 25 pairs of operations, each applied with its probability.
public struct AutoAugment: DrawnTransform, TransformOptions {
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
  public func apply(_ draw: [PolicyStep], to image: ImageBuffer) -> ImageBuffer {
    image.applying(draw, fill: fill.color)
  }
}

/// A line of an AutoAugment policy: an operation, how often, how strong.
public struct PolicyRule<Kind: Sendable & Equatable>: Sendable, Equatable {
  /// The operation.
  public var kind: Kind
  /// How often it is applied.
  public var probability: Double
  /// The magnitude, 0 to 10; nil where the operation has none.
  public var magnitude: Int?

  /// A rule from its parts.
  public static func rule(_ kind: Kind, _ probability: Double, _ magnitude: Int? = nil) -> PolicyRule {
    PolicyRule(kind: kind, probability: probability, magnitude: magnitude)
  }
}

/// The policies that the authors of AutoAugment found (Cubuk et al., "AutoAugment: Learning Augmentation Policies from
/// Data", 2019): each has 25 pairs of operations.
public enum AutoAugmentPolicy: String, Codable, CaseIterable, Sendable {
  /// Found on CIFAR-10.
  case cifar10
  /// Found on ImageNet.
  case imagenet
  /// Found on SVHN.
  case svhn

  /// The pairs, as torchvision has them.
  public var rules: [[PolicyRule<OperationKind>]] {
    switch self {
    case .cifar10: Self.cifar10Rules
    case .imagenet: Self.imagenetRules
    case .svhn: Self.svhnRules
    }
  }

  private static let cifar10Rules: [[PolicyRule<OperationKind>]] = [
    [.rule(.invert, 0.1), .rule(.contrast, 0.2, 6)],
    [.rule(.rotate, 0.7, 2), .rule(.translateX, 0.3, 9)],
    [.rule(.sharpness, 0.8, 1), .rule(.sharpness, 0.9, 3)],
    [.rule(.shearY, 0.5, 8), .rule(.translateY, 0.7, 9)],
    [.rule(.autoContrast, 0.5), .rule(.equalize, 0.9)],
    [.rule(.shearY, 0.2, 7), .rule(.posterize, 0.3, 7)],
    [.rule(.color, 0.4, 3), .rule(.brightness, 0.6, 7)],
    [.rule(.sharpness, 0.3, 9), .rule(.brightness, 0.7, 9)],
    [.rule(.equalize, 0.6), .rule(.equalize, 0.5)],
    [.rule(.contrast, 0.6, 7), .rule(.sharpness, 0.6, 5)],
    [.rule(.color, 0.7, 7), .rule(.translateX, 0.5, 8)],
    [.rule(.equalize, 0.3), .rule(.autoContrast, 0.4)],
    [.rule(.translateY, 0.4, 3), .rule(.sharpness, 0.2, 6)],
    [.rule(.brightness, 0.9, 6), .rule(.color, 0.2, 8)],
    [.rule(.solarize, 0.5, 2), .rule(.invert, 0.0)],
    [.rule(.equalize, 0.2), .rule(.autoContrast, 0.6)],
    [.rule(.equalize, 0.2), .rule(.equalize, 0.6)],
    [.rule(.color, 0.9, 9), .rule(.equalize, 0.6)],
    [.rule(.autoContrast, 0.8), .rule(.solarize, 0.2, 8)],
    [.rule(.brightness, 0.1, 3), .rule(.color, 0.7, 0)],
    [.rule(.solarize, 0.4, 5), .rule(.autoContrast, 0.9)],
    [.rule(.translateY, 0.9, 9), .rule(.translateY, 0.7, 9)],
    [.rule(.autoContrast, 0.9), .rule(.solarize, 0.8, 3)],
    [.rule(.equalize, 0.8), .rule(.invert, 0.1)],
    [.rule(.translateY, 0.7, 9), .rule(.autoContrast, 0.9)],
  ]

  private static let imagenetRules: [[PolicyRule<OperationKind>]] = [
    [.rule(.posterize, 0.4, 8), .rule(.rotate, 0.6, 9)],
    [.rule(.solarize, 0.6, 5), .rule(.autoContrast, 0.6)],
    [.rule(.equalize, 0.8), .rule(.equalize, 0.6)],
    [.rule(.posterize, 0.6, 7), .rule(.posterize, 0.6, 6)],
    [.rule(.equalize, 0.4), .rule(.solarize, 0.2, 4)],
    [.rule(.equalize, 0.4), .rule(.rotate, 0.8, 8)],
    [.rule(.solarize, 0.6, 3), .rule(.equalize, 0.6)],
    [.rule(.posterize, 0.8, 5), .rule(.equalize, 1.0)],
    [.rule(.rotate, 0.2, 3), .rule(.solarize, 0.6, 8)],
    [.rule(.equalize, 0.6), .rule(.posterize, 0.4, 6)],
    [.rule(.rotate, 0.8, 8), .rule(.color, 0.4, 0)],
    [.rule(.rotate, 0.4, 9), .rule(.equalize, 0.6)],
    [.rule(.equalize, 0.0), .rule(.equalize, 0.8)],
    [.rule(.invert, 0.6), .rule(.equalize, 1.0)],
    [.rule(.color, 0.6, 4), .rule(.contrast, 1.0, 8)],
    [.rule(.rotate, 0.8, 8), .rule(.color, 1.0, 2)],
    [.rule(.color, 0.8, 8), .rule(.solarize, 0.8, 7)],
    [.rule(.sharpness, 0.4, 7), .rule(.invert, 0.6)],
    [.rule(.shearX, 0.6, 5), .rule(.equalize, 1.0)],
    [.rule(.color, 0.4, 0), .rule(.equalize, 0.6)],
    [.rule(.equalize, 0.4), .rule(.solarize, 0.2, 4)],
    [.rule(.solarize, 0.6, 5), .rule(.autoContrast, 0.6)],
    [.rule(.invert, 0.6), .rule(.equalize, 1.0)],
    [.rule(.color, 0.6, 4), .rule(.contrast, 1.0, 8)],
    [.rule(.equalize, 0.8), .rule(.equalize, 0.6)],
  ]

  private static let svhnRules: [[PolicyRule<OperationKind>]] = [
    [.rule(.shearX, 0.9, 4), .rule(.invert, 0.2)],
    [.rule(.shearY, 0.9, 8), .rule(.invert, 0.7)],
    [.rule(.equalize, 0.6), .rule(.solarize, 0.6, 6)],
    [.rule(.invert, 0.9), .rule(.equalize, 0.6)],
    [.rule(.equalize, 0.6), .rule(.rotate, 0.9, 3)],
    [.rule(.shearX, 0.9, 4), .rule(.autoContrast, 0.8)],
    [.rule(.shearY, 0.9, 8), .rule(.invert, 0.4)],
    [.rule(.shearY, 0.9, 5), .rule(.solarize, 0.2, 6)],
    [.rule(.invert, 0.9), .rule(.autoContrast, 0.8)],
    [.rule(.equalize, 0.6), .rule(.rotate, 0.9, 3)],
    [.rule(.shearX, 0.9, 4), .rule(.solarize, 0.3, 3)],
    [.rule(.shearY, 0.8, 8), .rule(.invert, 0.7)],
    [.rule(.equalize, 0.9), .rule(.translateY, 0.6, 6)],
    [.rule(.invert, 0.9), .rule(.equalize, 0.6)],
    [.rule(.contrast, 0.3, 3), .rule(.rotate, 0.8, 4)],
    [.rule(.invert, 0.8), .rule(.translateY, 0.0, 2)],
    [.rule(.shearY, 0.7, 6), .rule(.solarize, 0.4, 8)],
    [.rule(.invert, 0.6), .rule(.rotate, 0.8, 4)],
    [.rule(.shearY, 0.3, 7), .rule(.translateX, 0.9, 3)],
    [.rule(.shearX, 0.1, 6), .rule(.invert, 0.6)],
    [.rule(.solarize, 0.7, 2), .rule(.translateY, 0.6, 7)],
    [.rule(.shearY, 0.8, 4), .rule(.invert, 0.8)],
    [.rule(.shearX, 0.7, 9), .rule(.translateY, 0.8, 3)],
    [.rule(.shearY, 0.8, 5), .rule(.autoContrast, 0.7)],
    [.rule(.shearX, 0.7, 2), .rule(.invert, 0.1)],
  ]
}
