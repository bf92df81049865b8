public import KeyedRandom
public import Preprocessing
public import Settings

/// AugMix (Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", 2019) as
/// torchvision has it: several chains of operations, mixed with each other and with the image. torchvision carries the
/// operations out on tensors; here they are Pillow's, as in all other policies.
public struct AugMix: DrawnTransform {
  /// The magnitude: drawn from the `severity` weakest of 10.
  public var severity: Int
  /// Number of chains.
  public var mixtureWidth: Int
  /// Operations in a chain; nil: 1 to 3.
  public var chainDepth: Int?
  /// The concentration of the weights' distributions.
  public var alpha: Double
  /// Whether brightness, contrast, colour and sharpness are among the operations.
  public var allOps: Bool
  /// The filter of rotations, shears and translations.
  public var interpolation: Interpolation
  /// What a moved image shows where there is nothing.
  public var fill: (UInt8, UInt8, UInt8)

  /// An augmentation with torchvision's defaults.
  public init(
    severity: Int = 3, mixtureWidth: Int = 3, chainDepth: Int? = nil, alpha: Double = 1, allOps: Bool = true,
    interpolation: Interpolation = .bilinear, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) {
    precondition((1...10).contains(severity), "severity must lie between 1 and 10, got \(severity)")
    precondition(mixtureWidth > 0 && chainDepth ?? 1 > 0, "AugMix needs chains, and operations in them")
    self.severity = severity
    self.mixtureWidth = mixtureWidth
    self.chainDepth = chainDepth
    self.alpha = alpha
    self.allOps = allOps
    self.interpolation = interpolation
    self.fill = fill
  }

  /// The chains and all weights.
  public func draw(width: Int, height: Int, random: inout KeyedRandom) -> AugMixDraw {
    let space = OperationSpace.augMix(width: width, height: height, allOperations: allOps)
    let parts = random.dirichlet(alpha, count: 2).map { Float($0) }
    let weights = random.dirichlet(alpha, count: mixtureWidth).map { Float($0) * parts[1] }
    let chains = weights.map { weight in
      let depth = chainDepth ?? 1 + random.integer(below: 3)
      let steps = (0..<depth).map { _ in
        let entry = space.entries[random.integer(below: space.entries.count)]
        let bin = random.integer(below: severity)
        return entry.step(bin: bin, isNegated: entry.isSigned && random.bool(probability: 0.5), interpolation)
      }
      return AugMixDraw.Chain(weight: weight, steps: steps)
    }
    return AugMixDraw(chains: chains, mixing: .sum(originalWeight: parts[0]))
  }

  /// The mixture.
  public func apply(_ draw: AugMixDraw, to image: ImageBuffer) -> ImageBuffer { draw.apply(to: image, fill: fill) }
}

extension AugMix {
  /// What a user sets of AugMix.
  public struct Options: TransformOptions {
    /// How strong, 1 to 10.
    public var severity = 3
    /// Number of chains.
    public var mixtureWidth = 3
    /// Operations in a chain; 1 to 3 if left out.
    public var chainDepth: Int?
    /// The concentration of the weights' distributions.
    public var alpha = 1.0
    /// Whether brightness, contrast, colour and sharpness are among the operations.
    public var allOps = true
    /// The filter of rotations, shears and translations.
    public var interpolation = Interpolation.bilinear
    /// The colour around a moved image.
    public var fill = ScalarOrList<Int>.scalar(0)

    /// torchvision's defaults.
    public init() {}

    /// Reports numbers out of range.
    public func validate(_ issues: inout IssueCollector) {
      issues.check("severity", severity, in: 1...10)
      issues.check("mixture_width", mixtureWidth, in: 1...32)
      if let chainDepth { issues.check("chain_depth", chainDepth, in: 1...32) }
      issues.check("alpha", alpha, in: 1e-3...1e6)
      issues.checkPointwise(interpolation)
      issues.checkFill(fill)
    }

    /// The augmentation.
    public func makeTransform() -> any Transform {
      AugMix(
        severity: severity, mixtureWidth: mixtureWidth, chainDepth: chainDepth, alpha: alpha, allOps: allOps,
        interpolation: interpolation, fill: fill.color)
    }
  }
}
