// A daisy: thin straps with round ends, gaps between them, around a small domed middle.

/// Paints a daisy.
struct DaisyPainter: PetalPainter {
  let extent: Float = 1.02
  private let front: PetalRing
  private let back: PetalRing
  private let disc: FlowerDisc

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    let numPetals = random.integer(11, 19)
    let fullness = random.between(0.46, 0.72)
    let base = random.chance(0.3) ? FlowerPalette.varied(colour * 0.7, 0.05, &random) : colour
    front = PetalRing(
      numPetals: numPetals, length: random.between(0.93, 1), fullness: fullness, tip: .round, base: base, end: colour,
      ragged: 0.1, random: &random)
    back = PetalRing(
      numPetals: numPetals, length: 1, fullness: fullness, tip: .round, base: base * 0.75, end: colour * 0.82,
      ragged: 0.12, random: &random)
    let middles = [
      SIMD4<Float>(0.90, 0.70, 0.10, 1), SIMD4(0.78, 0.55, 0.12, 1), SIMD4(0.60, 0.62, 0.22, 1),
      SIMD4(0.34, 0.20, 0.10, 1), SIMD4(0.22, 0.12, 0.10, 1),
    ]
    let middle = FlowerPalette.varied(middles[random.index(weights: [5, 3, 1, 0.7, 0.3])], 0.06, &random)
    disc = FlowerDisc(
      radius: random.between(0.17, 0.25), numSpirals: 16, colour: middle, rim: middle * random.between(0.65, 1.1),
      relief: 0.25, random: &random)
  }

  @inline(__always)
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    let distance = (u * u + v * v).squareRoot()
    let angle = PolynomialTrigonometry.angle(y: v, x: u)
    if distance < disc.radius - grain {
      return disc.colour(u: u, v: v, distance: distance, angle: angle, grain: grain)
    }
    let shadow = 0.62 + 0.38 * smooth(disc.radius, disc.radius + 0.14, distance)
    var result = front.colour(u: u, v: v, angle: angle, grain: grain)
    if result.w < 1 {
      let under = back.colour(u: u, v: v, angle: angle, grain: grain)
      result = result.over(under)
    }
    result = (result * shadow).covering(result.w)
    return disc.colour(u: u, v: v, distance: distance, angle: angle, grain: grain).over(result)
  }
}

extension SIMD4<Float> {
  /// This layer above another, both as colour and coverage.
  @inline(__always)
  func over(_ under: SIMD4<Float>) -> SIMD4<Float> {
    if w >= 1 || under.w <= 0 { return self }
    if w <= 0 { return under }
    let rest = under.w * (1 - w)
    let alpha = w + rest
    return ((self * w + under * rest) / alpha).covering(alpha)
  }
}
