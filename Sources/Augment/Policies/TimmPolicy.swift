/// timm's policies for AutoAugment: those of its TPU implementation (`v0`), of the paper (`original`), and 3-Augment.
/// With an `r`, posterizing grows stronger with the level, as in Google's research code.
public enum TimmPolicy: String, CaseIterable, Sendable {
  case original
  case originalr
  case v0
  case v0r
  case threeAugment = "3a"

  /// Lists of operations, one of which is drawn for an image.
  public var rules: [[PolicyRule<TimmOperation>]] {
    switch self {
    case .original: Self.originalRules
    case .originalr: Self.originalRules.map { $0.map(Self.withIncreasingPosterize) }
    case .v0: Self.v0Rules
    case .v0r: Self.v0Rules.map { $0.map(Self.withIncreasingPosterize) }
    case .threeAugment: Self.threeAugmentRules
    }
  }

  private static func withIncreasingPosterize(_ rule: PolicyRule<TimmOperation>) -> PolicyRule<TimmOperation> {
    var rule = rule
    if rule.kind == .posterize || rule.kind == .posterizeOriginal { rule.kind = .posterizeIncreasing }
    return rule
  }

  private static let v0Rules: [[PolicyRule<TimmOperation>]] = [
    [.rule(.equalize, 0.8, 1), .rule(.shearY, 0.8, 4)],
    [.rule(.color, 0.4, 9), .rule(.equalize, 0.6, 3)],
    [.rule(.color, 0.4, 1), .rule(.rotate, 0.6, 8)],
    [.rule(.solarize, 0.8, 3), .rule(.equalize, 0.4, 7)],
    [.rule(.solarize, 0.4, 2), .rule(.solarize, 0.6, 2)],
    [.rule(.color, 0.2, 0), .rule(.equalize, 0.8, 8)],
    [.rule(.equalize, 0.4, 8), .rule(.solarizeAdd, 0.8, 3)],
    [.rule(.shearX, 0.2, 9), .rule(.rotate, 0.6, 8)],
    [.rule(.color, 0.6, 1), .rule(.equalize, 1.0, 2)],
    [.rule(.invert, 0.4, 9), .rule(.rotate, 0.6, 0)],
    [.rule(.equalize, 1.0, 9), .rule(.shearY, 0.6, 3)],
    [.rule(.color, 0.4, 7), .rule(.equalize, 0.6, 0)],
    [.rule(.posterize, 0.4, 6), .rule(.autoContrast, 0.4, 7)],
    [.rule(.solarize, 0.6, 8), .rule(.color, 0.6, 9)],
    [.rule(.solarize, 0.2, 4), .rule(.rotate, 0.8, 9)],
    [.rule(.rotate, 1.0, 7), .rule(.translateYRel, 0.8, 9)],
    [.rule(.shearX, 0.0, 0), .rule(.solarize, 0.8, 4)],
    [.rule(.shearY, 0.8, 0), .rule(.color, 0.6, 4)],
    [.rule(.color, 1.0, 0), .rule(.rotate, 0.6, 2)],
    [.rule(.equalize, 0.8, 4), .rule(.equalize, 0.0, 8)],
    [.rule(.equalize, 1.0, 4), .rule(.autoContrast, 0.6, 2)],
    [.rule(.shearY, 0.4, 7), .rule(.solarizeAdd, 0.6, 7)],
    [.rule(.posterize, 0.8, 2), .rule(.solarize, 0.6, 10)],
    [.rule(.solarize, 0.6, 8), .rule(.equalize, 0.6, 1)],
    [.rule(.color, 0.8, 6), .rule(.rotate, 0.4, 5)],
  ]

  private static let originalRules: [[PolicyRule<TimmOperation>]] = [
    [.rule(.posterizeOriginal, 0.4, 8), .rule(.rotate, 0.6, 9)],
    [.rule(.solarize, 0.6, 5), .rule(.autoContrast, 0.6, 5)],
    [.rule(.equalize, 0.8, 8), .rule(.equalize, 0.6, 3)],
    [.rule(.posterizeOriginal, 0.6, 7), .rule(.posterizeOriginal, 0.6, 6)],
    [.rule(.equalize, 0.4, 7), .rule(.solarize, 0.2, 4)],
    [.rule(.equalize, 0.4, 4), .rule(.rotate, 0.8, 8)],
    [.rule(.solarize, 0.6, 3), .rule(.equalize, 0.6, 7)],
    [.rule(.posterizeOriginal, 0.8, 5), .rule(.equalize, 1.0, 2)],
    [.rule(.rotate, 0.2, 3), .rule(.solarize, 0.6, 8)],
    [.rule(.equalize, 0.6, 8), .rule(.posterizeOriginal, 0.4, 6)],
    [.rule(.rotate, 0.8, 8), .rule(.color, 0.4, 0)],
    [.rule(.rotate, 0.4, 9), .rule(.equalize, 0.6, 2)],
    [.rule(.equalize, 0.0, 7), .rule(.equalize, 0.8, 8)],
    [.rule(.invert, 0.6, 4), .rule(.equalize, 1.0, 8)],
    [.rule(.color, 0.6, 4), .rule(.contrast, 1.0, 8)],
    [.rule(.rotate, 0.8, 8), .rule(.color, 1.0, 2)],
    [.rule(.color, 0.8, 8), .rule(.solarize, 0.8, 7)],
    [.rule(.sharpness, 0.4, 7), .rule(.invert, 0.6, 8)],
    [.rule(.shearX, 0.6, 5), .rule(.equalize, 1.0, 9)],
    [.rule(.color, 0.4, 0), .rule(.equalize, 0.6, 3)],
    [.rule(.equalize, 0.4, 7), .rule(.solarize, 0.2, 4)],
    [.rule(.solarize, 0.6, 5), .rule(.autoContrast, 0.6, 5)],
    [.rule(.invert, 0.6, 4), .rule(.equalize, 1.0, 8)],
    [.rule(.color, 0.6, 4), .rule(.contrast, 1.0, 8)],
    [.rule(.equalize, 0.8, 8), .rule(.equalize, 0.6, 3)],
  ]

  private static let threeAugmentRules: [[PolicyRule<TimmOperation>]] = [
    [.rule(.solarize, 1.0, 5)],
    [.rule(.desaturate, 1.0, 10)],
    [.rule(.gaussianBlurRand, 1.0, 10)],
  ]
}
