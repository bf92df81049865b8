// A tulip from the side: a cup of few broad petals, three before and two or three behind, smooth and finely veined.

/// Paints a tulip's cup; its stem leaves the flower at (0, `foot`).
struct TulipPainter: PetalPainter {
  let extent: Float = 1.15
  /// Where the stem begins, below the centre.
  static let foot: Float = 0.86

  private struct Petal {
    var cosine: Float
    var sine: Float
    var length: Float
    var halfWidth: Float
    var shade: Float
    var shift: Float
  }

  private let petals: [Petal]
  private let colour: SIMD4<Float>
  private let edge: SIMD4<Float>
  private let base: SIMD4<Float>
  private let veins: Float

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    self.colour = colour
    let flamed = random.chance(0.35)
    edge =
      flamed
      ? FlowerPalette.varied(colour.mixed(with: SIMD4(0.98, 0.92, 0.7, 1), 0.6), 0.05, &random)
      : FlowerPalette.varied(colour.mixed(with: SIMD4(1, 1, 1, 1), 0.15), 0.03, &random)
    base = FlowerPalette.varied(colour.mixed(with: SIMD4(0.6, 0.68, 0.3, 1), random.between(0.3, 0.8)), 0.05, &random)
    veins = random.between(26, 40)
    let open = random.between(0.7, 1.35)
    let middle = random.peaked() * 0.12
    // Front to back: the middle petal, its neighbours, those behind.
    let angles = [middle, -0.30 * open + middle, 0.30 * open + middle, -0.16 * open, 0.16 * open]
    let shades: [Float] = [1.04, 0.88, 0.93, 0.66, 0.70]
    petals = angles.indices.map { index in
      let angle = angles[index] + 0.08 * random.peaked()
      return Petal(
        cosine: PolynomialTrigonometry.cosine(angle), sine: PolynomialTrigonometry.sine(angle),
        length: random.between(1.5, 1.72) * (index == 0 ? 0.96 : 1), halfWidth: random.between(0.42, 0.52),
        shade: shades[index], shift: index == 0 ? 0 : (angle > 0 ? 0.14 : -0.14))
    }
  }

  @inline(__always)
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    var result = SIMD4<Float>.zero
    for petal in petals {
      let dx = u - petal.shift
      let dy = Self.foot - v
      let along = dx * petal.sine + dy * petal.cosine
      if along <= 0 || along >= petal.length { continue }
      let across = dx * petal.cosine - dy * petal.sine
      let t = along / petal.length
      // Egg-shaped, drawn to a tip.
      let belly = (t * (1 - t)).squareRoot() * 2
      let half = petal.halfWidth * belly * (1.12 - 0.34 * t) * min((1 - t) * 3.4 + 0.25, 1)
      let reach = abs(across)
      let coverage = unit((half - reach) / grain + 0.5)
      if coverage <= 0 { continue }
      let side = min(reach / max(half, 1e-4), 1)
      let vein = PolynomialTrigonometry.sine(across / max(belly, 0.3) * veins)
      let midrib = unit(1 - reach * 24) * 0.10
      let round = 1.06 - 0.36 * side * side - midrib
      let tint = base.mixed(with: colour.mixed(with: edge, smooth(0.55, 1, side)), smooth(0.02, 0.34, t))
      let layer = (tint * (petal.shade * round * (1 + 0.06 * vein))).covering(coverage)
      result = result.over(layer)
      if result.w >= 1 { break }
    }
    return result
  }
}
