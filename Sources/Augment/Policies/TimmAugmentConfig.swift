/// What one of timm's strings for automatic augmentation (its `--aa`) says.
///
/// `rand-m9-mstd0.5-inc1` is RandAugment, with sections in any order:
///
/// | section | meaning | default |
/// |---|---|---|
/// | `m` | magnitude | 10 |
/// | `n` | operations for an image | 2 |
/// | `p` | how often each of them is applied | 0.5 |
/// | `mstd` | deviation of a normal distribution around the magnitude; above 100 or `inf`: uniform from 0 to `m` | 0 |
/// | `mmax` | largest magnitude | 10 |
/// | `inc` | 1: all operations grow stronger with the magnitude | 0 |
/// | `t` | the set of operations: `weights`, `3a`, `3aw` | |
/// | `w` | `w0`: an older timm's weights, not with `inc1` | |
///
/// `augmix-m3-w3-d2` is AugMix: `m` (3), `w` chains (3), `d` operations in each (1 to 3), `a` concentration of the weights
/// (1), `b` 1: blended in turn (0), `mstd` (uniform). `original`, `originalr`, `v0`, `v0r` and `3a` are AutoAugment's
/// policies, with `mstd` (0).
///
/// timm passes over sections that it does not understand, and over an unknown set; here they are errors.
public struct TimmAugmentConfig: Sendable, Equatable {
  /// RandAugment's part.
  public struct Rand: Sendable, Equatable {
    /// The operations to draw from.
    public var set = TimmOperationSet.standard
    /// Operations for an image.
    public var numLayers = 2
    /// How often each of them is applied.
    public var probability = 0.5
    /// The magnitude.
    public var magnitude = 10.0

    /// timm's defaults.
    public init() {}
  }

  /// AugMix's part.
  public struct AugMix: Sendable, Equatable {
    /// The magnitude.
    public var magnitude = 3.0
    /// Number of chains.
    public var width = 3
    /// Operations in each; nil: 1 to 3.
    public var depth: Int?
    /// The concentration of the weights' distributions.
    public var concentration = 1.0
    /// Whether each chain is blended with what is there already.
    public var isBlended = false

    /// timm's defaults.
    public init() {}
  }

  /// The kinds of augmentation.
  public enum Scheme: Sendable, Equatable {
    case rand(Rand)
    case policy(TimmPolicy)
    case augMix(AugMix)
  }

  /// The kind, with its numbers.
  public var scheme: Scheme
  /// How levels are drawn.
  public var magnitude = TimmMagnitude()

  /// Reads a string. `legacyIncrease` reads `inc0` as older versions of timm did, which took any text for true.
  public init(_ text: String, legacyIncrease: Bool = false) throws(TimmAugmentConfigError) {
    guard text.utf8.count <= 200 else { throw .tooLong }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let sections = try TimmSections(parts.dropFirst(), of: text)
    switch parts[0] {
    case "rand":
      (scheme, magnitude) = try Self.rand(sections, legacyIncrease: legacyIncrease)
    case "augmix":
      (scheme, magnitude) = try Self.augMix(sections)
    default:
      guard let policy = TimmPolicy(rawValue: String(parts[0])) else { throw .unknownScheme(String(parts[0])) }
      try sections.allow(["mstd"])
      scheme = .policy(policy)
      magnitude.noise = try sections.noise() ?? .none
    }
  }

  private static func rand(
    _ sections: TimmSections, legacyIncrease: Bool
  ) throws(TimmAugmentConfigError) -> (Scheme, TimmMagnitude) {
    try sections.allow(["m", "n", "p", "mstd", "mmax", "inc", "t", "w"])
    var rand = Rand()
    rand.magnitude = try sections.number("m", in: 0...1000) ?? rand.magnitude
    rand.numLayers = try sections.integer("n", in: 1...100) ?? rand.numLayers
    rand.probability = try sections.number("p", in: 0...1) ?? rand.probability
    let increase = try sections.integer("inc", in: 0...1)
    let isIncreasing = increase == 1 || (increase == 0 && legacyIncrease)
    if isIncreasing { rand.set = .increasing }
    if let name = sections.texts["t"] {
      guard let set = TimmOperationSet.named.first(where: { $0.key == name })?.value else {
        throw .wrongValue(
          "t\(name)", "a set of operations: " + TimmOperationSet.named.map(\.key).joined(separator: ", "))
      }
      rand.set = set
    } else if try sections.integer("w", in: 0...0) != nil {
      guard !isIncreasing else { throw .wrongValue("w0", "no inc1 beside it") }
      rand.set = .weightedZero
    }
    guard rand.numLayers <= rand.set.maxDrawn else {
      throw .wrongValue("n\(rand.numLayers)", "at most \(rand.set.maxDrawn), which the weighted set holds")
    }
    var magnitude = TimmMagnitude(noise: try sections.noise() ?? .none)
    // timm takes 0 for a bound that is not given.
    if let maximum = try sections.number("mmax", in: 0...1000), maximum > 0 { magnitude.maximum = maximum }
    return (.rand(rand), magnitude)
  }

  private static func augMix(
    _ sections: TimmSections
  ) throws(TimmAugmentConfigError) -> (Scheme, TimmMagnitude) {
    try sections.allow(["m", "w", "d", "a", "b", "mstd"])
    var mix = AugMix()
    mix.magnitude = try sections.number("m", in: 0...1000) ?? mix.magnitude
    mix.width = try sections.integer("w", in: 1...32) ?? mix.width
    let depth = try sections.integer("d", in: 0...32)
    mix.depth = depth == 0 ? nil : depth
    mix.concentration = try sections.number("a", in: 1e-3...1e6) ?? mix.concentration
    mix.isBlended = try sections.integer("b", in: 0...1) == 1
    return (.augMix(mix), TimmMagnitude(noise: try sections.noise() ?? .uniform))
  }
}
