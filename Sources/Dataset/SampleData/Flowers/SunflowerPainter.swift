// A sunflower: a wide middle of florets in spirals, a crown of short spears in two or three rows.

/// Paints a sunflower.
struct SunflowerPainter: PetalPainter {
  let extent: Float = 1.02
  private let front: PetalRing
  private let back: PetalRing
  private let disc: FlowerDisc

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    let numPetals = random.integer(17, 25)
    let base = FlowerPalette.varied(colour * random.between(0.6, 0.95), 0.05, &random)
    front = PetalRing(
      numPetals: numPetals, length: random.between(0.88, 0.96), fullness: random.between(1.0, 1.25), tip: .pointed,
      base: base, end: colour, ragged: 0.14, random: &random)
    back = PetalRing(
      numPetals: numPetals, length: 1, fullness: 1.15, tip: .pointed, base: base * 0.7, end: colour * 0.84,
      ragged: 0.12, random: &random)
    let middles = [
      SIMD4<Float>(0.24, 0.14, 0.08, 1), SIMD4(0.36, 0.22, 0.10, 1), SIMD4(0.52, 0.40, 0.14, 1),
      SIMD4(0.46, 0.48, 0.20, 1), SIMD4(0.66, 0.50, 0.16, 1),
    ]
    let middle = FlowerPalette.varied(middles[random.index(weights: [4, 3, 1.3, 0.6, 0.6])], 0.05, &random)
    disc = FlowerDisc(
      radius: random.between(0.46, 0.6), numSpirals: random.integer(28, 36), colour: middle,
      rim: FlowerPalette.varied(middle * random.between(0.5, 1.5), 0.04, &random), relief: 0.75, random: &random)
  }

  @inline(__always)
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    let distance = (u * u + v * v).squareRoot()
    let angle = PolynomialTrigonometry.angle(y: v, x: u)
    if distance < disc.radius - grain {
      return disc.colour(u: u, v: v, distance: distance, angle: angle, grain: grain)
    }
    var result = front.colour(u: u, v: v, angle: angle, grain: grain)
    if result.w < 1 { result = result.over(back.colour(u: u, v: v, angle: angle, grain: grain)) }
    let shadow = 0.55 + 0.45 * smooth(disc.radius, disc.radius + 0.12, distance)
    result = (result * shadow).covering(result.w)
    return disc.colour(u: u, v: v, distance: distance, angle: angle, grain: grain).over(result)
  }
}
