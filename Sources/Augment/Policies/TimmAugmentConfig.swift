import KeyedRandom

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

/// How timm draws the level of an operation.
public struct TimmMagnitude: Sendable, Equatable {
  /// Where the level comes from.
  public enum Noise: Sendable, Equatable {
    /// The level itself.
    case none
    /// A normal distribution of this deviation around the level.
    case normal(deviation: Double)
    /// A uniform distribution from 0 to the level.
    case uniform
  }

  /// The randomness.
  public var noise: Noise
  /// The largest level, 10 unless raised; draws are cut to 0 and this.
  public var maximum: Double

  /// A way to draw levels.
  public init(noise: Noise = .none, maximum: Double = 10) {
    self.noise = noise
    self.maximum = maximum
  }

  func level(around level: Double, random: inout KeyedRandom) -> Double {
    let drawn =
      switch noise {
      case .none: level
      case .normal(let deviation): level + deviation * random.normal()
      case .uniform: random.uniform() * level
      }
    return max(0, min(drawn, maximum))
  }
}

/// The sections of one of timm's strings: letters and a value each.
struct TimmSections {
  private(set) var texts: [String: String] = [:]
  /// What a decimal number is made of.
  private static let numerals = Set("0123456789.e+".utf8)

  init(_ parts: ArraySlice<Substring>, of text: String) throws(TimmAugmentConfigError) {
    for part in parts {
      let name =
        part.hasPrefix("t") ? "t" : part.hasPrefix("mstd") ? "mstd" : String(part.prefix { $0 >= "a" && $0 <= "z" })
      let value = part.dropFirst(name.count)
      guard !name.isEmpty, !value.isEmpty else { throw .badSection(String(part)) }
      guard texts[name] == nil else { throw .repeatedSection(name) }
      texts[name] = String(value)
    }
  }

  func allow(_ names: [String]) throws(TimmAugmentConfigError) {
    for name in texts.keys.sorted() where !names.contains(name) { throw .unknownSection(name, names) }
  }

  func number(_ name: String, in range: ClosedRange<Double>) throws(TimmAugmentConfigError) -> Double? {
    guard let text = texts[name] else { return nil }
    guard text.utf8.allSatisfy(Self.numerals.contains), let number = Double(text), range.contains(number) else {
      throw .wrongValue(name + text, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(TimmAugmentConfigError) -> Int? {
    guard let text = texts[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .wrongValue(name + text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func noise() throws(TimmAugmentConfigError) -> TimmMagnitude.Noise? {
    if texts["mstd"] == "inf" { return .uniform }
    guard let deviation = try number("mstd", in: 0...1e6) else { return nil }
    return deviation == 0 ? TimmMagnitude.Noise.none : deviation > 100 ? .uniform : .normal(deviation: deviation)
  }
}

/// What is wrong with one of timm's strings for automatic augmentation.
public enum TimmAugmentConfigError: Error, Equatable, CustomStringConvertible {
  /// Longer than any sensible one.
  case tooLong
  /// The part before the first dash.
  case unknownScheme(String)
  /// A section that is no name and value.
  case badSection(String)
  /// A section given twice.
  case repeatedSection(String)
  /// A section that the scheme does not have, and those that it has.
  case unknownSection(String, [String])
  /// A section with its value, and what is expected.
  case wrongValue(String, String)

  /// One line: what, and what to write instead.
  public var description: String {
    switch self {
    case .tooLong: "is longer than 200 characters"
    case .unknownScheme(let name):
      "begins with '\(name.prefix(40))', expected rand, augmix, "
        + TimmPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    case .badSection(let text): "holds '\(text.prefix(40))', expected a name and a value, such as m9"
    case .repeatedSection(let name): "holds '\(name)' twice"
    case .unknownSection(let name, let names):
      "holds '\(name.prefix(40))', expected one of \(names.joined(separator: ", "))"
    case .wrongValue(let section, let expected): "holds '\(section.prefix(40))', expected \(expected)"
    }
  }
}
