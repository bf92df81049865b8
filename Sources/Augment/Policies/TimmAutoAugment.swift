public import KeyedRandom
public import Preprocessing
public import Settings

/// timm's automatic augmentation from one of its strings: RandAugment (`rand-m9-mstd0.5-inc1`), AugMix
/// (`augmix-m3-w3`), AutoAugment's policies (`original`, `v0`, `3a`); see ``TimmAugmentConfig``.
public struct TimmAutoAugment: DrawnTransform {
  /// What will be done to an image.
  public enum Draw: Sendable, Equatable {
    /// Operations that follow each other.
    case steps([PolicyStep])
    /// AugMix's chains.
    case mixture(AugMixDraw)
  }

  /// What the string says.
  public var config: TimmAugmentConfig
  /// The filter of rotations, shears and translations; nil: bilinear or bicubic, drawn for each.
  public var interpolation: Interpolation?
  /// What a moved image shows where there is nothing.
  public var fill: (UInt8, UInt8, UInt8)
  /// The part of a side that the strongest translation moves by.
  public var translateFraction: Double

  /// An augmentation with timm's defaults; `translateFraction` is 0.45 and for AugMix 0.3 unless given.
  public init(
    _ config: TimmAugmentConfig, interpolation: Interpolation? = nil, fill: (UInt8, UInt8, UInt8) = (128, 128, 128),
    translateFraction: Double? = nil
  ) {
    self.config = config
    self.interpolation = interpolation
    self.fill = fill
    if case .augMix = config.scheme {
      self.translateFraction = translateFraction ?? 0.3
    } else {
      self.translateFraction = translateFraction ?? 0.45
    }
  }

  /// The operations with their levels, signs and filters.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> Draw {
    let size = (width, height)
    switch config.scheme {
    case .rand(let rand):
      return .steps(
        rand.set.draw(rand.numLayers, random: &random).compactMap {
          step($0, rand.magnitude, probability: rand.probability, size: size, random: &random)
        })
    case .policy(let policy):
      let rules = policy.rules
      return .steps(
        rules[random.integer(below: rules.count)].compactMap {
          step($0.kind, Double($0.magnitude ?? 0), probability: $0.probability, size: size, random: &random)
        })
    case .augMix(let mix): return .mixture(draw(mix, size: size, random: &random))
    }
  }

  /// The operations one after the other, or the mixture.
  public func apply(_ draw: Draw, to image: ImageBuffer) -> ImageBuffer {
    switch draw {
    case .steps(let steps): image.applying(steps, fill: fill)
    case .mixture(let mixture): mixture.apply(to: image, fill: fill)
    }
  }

  private func draw(
    _ mix: TimmAugmentConfig.AugMix, size: (width: Int, height: Int), random: inout KeyedRandom
  ) -> AugMixDraw {
    var weights = random.dirichlet(mix.concentration, count: mix.width).map { Float($0) }
    let part = Float(random.beta(mix.concentration, mix.concentration))
    if mix.isBlended { weights = AugMixDraw.weightsInTurn(weights, part: part) }
    let chains = weights.map { weight in
      let depth = mix.depth ?? 1 + random.integer(below: 3)
      let kinds = TimmOperationSet.augMix.draw(depth, random: &random)
      return AugMixDraw.Chain(
        weight: weight,
        steps: kinds.compactMap { step($0, mix.magnitude, probability: 1, size: size, random: &random) })
    }
    return AugMixDraw(chains: chains, mixing: mix.isBlended ? .blendInTurn : .sumThenBlend(part: part))
  }

  private func step(
    _ kind: TimmOperation, _ magnitude: Double, probability: Double, size: (width: Int, height: Int),
    random: inout KeyedRandom
  ) -> PolicyStep? {
    guard random.bool(probability: probability) else { return nil }
    let level = config.magnitude.level(around: magnitude, random: &random)
    let isNegated = kind.isSigned && random.bool(probability: 0.5)
    let position = kind == .gaussianBlurRand ? random.uniform() : 1
    var filter = interpolation ?? .nearest
    if kind.isGeometric, interpolation == nil { filter = random.bool(probability: 0.5) ? .bilinear : .bicubic }
    return PolicyStep(
      kind.operation(
        level: level, isNegated: isNegated, size: size, translateFraction: translateFraction, blurPosition: position),
      interpolation: filter)
  }
}

extension TimmAutoAugment {
  /// What a user sets of timm's automatic augmentation.
  public struct Options: TransformOptions {
    /// timm's string.
    public var config = "rand-m9-mstd0.5-inc1"
    /// The filter of rotations, shears and translations; bilinear or bicubic, drawn for each, if left out.
    public var interpolation: Interpolation?
    /// The colour around a moved image; timm's training takes the mean, [124, 116, 104] for ImageNet's.
    public var fill = ScalarOrList<Int>.scalar(128)
    /// The part of a side that the strongest translation moves by; 0.45, for AugMix 0.3, if left out.
    public var translateFraction: Double?
    /// Whether `inc0` switches on what `inc1` does, as older versions of timm had it.
    public var legacyIncrease = false

    /// timm's defaults.
    public init() {}

    /// Reports a string that timm does not have.
    public func validate(_ issues: inout IssueCollector) {
      do throws(TimmAugmentConfigError) {
        _ = try TimmAugmentConfig(config, legacyIncrease: legacyIncrease)
      } catch {
        issues.report(error.description, at: "config")
      }
      if let interpolation { issues.checkPointwise(interpolation) }
      issues.checkFill(fill)
      if let translateFraction { issues.check("translate_fraction", translateFraction, in: 0...1) }
    }

    /// The augmentation.
    public func makeTransform() -> any Transform {
      guard let config = try? TimmAugmentConfig(config, legacyIncrease: legacyIncrease) else {
        preconditionFailure("'\(config)' has not been validated")
      }
      return TimmAutoAugment(
        config, interpolation: interpolation, fill: fill.color, translateFraction: translateFraction)
    }
  }
}
