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
