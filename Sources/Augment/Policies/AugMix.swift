public import KeyedRandom
public import Preprocessing
public import Settings

/// AugMix (Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", 2019) as
/// torchvision has it: several chains of operations, mixed with each other and with the image. torchvision carries the
/// operations out on tensors; here they are Pillow's, as in all other policies.
public struct AugMix: DrawnTransform, TransformOptions {
  /// How strong, 1 to 10: magnitudes are drawn from so many of the weakest of 10.
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
  public func apply(_ draw: AugMixDraw, to image: ImageBuffer) -> ImageBuffer {
    draw.apply(to: image, fill: fill.color)
  }
}

/// What AugMix will do to an image: chains of operations, each of which starts from the image, and how their results are
/// mixed.
public struct AugMixDraw: Sendable, Equatable {
  /// Operations that follow each other, and the weight of what comes out.
  public struct Chain: Sendable, Equatable {
    /// The weight.
    public var weight: Float
    /// The operations.
    public var steps: [PolicyStep]

    /// A chain from its parts.
    public init(weight: Float, steps: [PolicyStep]) {
      self.weight = weight
      self.steps = steps
    }
  }

  /// How the results are mixed; each computes in float32 and cuts to whole grey levels as its model does.
  public enum Mixing: Sendable, Equatable {
    /// torchvision: the weighted sum of the image (with this weight) and of the chains.
    case sum(originalWeight: Float)
    /// timm: the weighted sum of the chains is cut to grey levels and then blended with the image, in this part.
    case sumThenBlend(part: Float)
    /// timm's `b1`: each chain is blended with what is there already.
    case blendInTurn
  }

  /// The chains.
  public var chains: [Chain]
  /// How their results are mixed.
  public var mixing: Mixing

  /// A draw from its parts.
  public init(chains: [Chain], mixing: Mixing) {
    self.chains = chains
    self.mixing = mixing
  }

  /// timm's weights for blending in turn: those that give each chain its weight times `part` in the end.
  public static func weightsInTurn(_ weights: [Float], part: Float) -> [Float] {
    var rest: Float = 1
    var result: [Float] = []
    for weight in weights.reversed() {
      let blend = rest > 0 ? min(1, weight * part / rest) : 0
      rest *= 1 - blend
      result.append(blend)
    }
    return result.reversed()
  }

  func apply(to image: ImageBuffer, fill: (UInt8, UInt8, UInt8)) -> ImageBuffer {
    let results = chains.map { ($0.weight, image.applying($0.steps, fill: fill)) }
    switch mixing {
    case .sum(let originalWeight):
      return Self.sum([(originalWeight, image)] + results)
    case .sumThenBlend(let part):
      return image.blended(with: Self.sum(results), Double(part))
    case .blendInTurn:
      return results.reduce(image) { $0.blended(with: $1.1, Double($1.0)) }
    }
  }

  private static func sum(_ images: [(weight: Float, image: ImageBuffer)]) -> ImageBuffer {
    let (width, height) = (images[0].image.width, images[0].image.height)
    let count = width * height * 3
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { sums in
      sums.initialize(repeating: 0)
      for (weight, image) in images {
        image.pixels.withUnsafeBufferPointer { pixels in
          for index in 0..<count { sums[index] += weight * Float(pixels[index]) }
        }
      }
      return ImageBuffer(width: width, height: height) { target in
        for index in 0..<count { target[index] = UInt8(max(0, min(255, sums[index]))) }
      }
    }
  }
}
