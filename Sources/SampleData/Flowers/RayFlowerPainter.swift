// Flowers with two rows of petals around a middle of florets: daisies and sunflowers.

/// Paints a daisy or a sunflower.
struct RayFlowerPainter: PetalPainter {
  let extent: Float = 1.02
  private let front: PetalRing
  private let back: PetalRing
  private let disc: FlowerDisc
  /// The light on the petals beside the disc, what is added to it further out, and how far out that is.
  private let shadow: (foot: Float, rise: Float, reach: Float)

  /// A daisy: thin straps with round ends, gaps between them, around a small domed middle.
  static func daisy(colour: SIMD4<Float>, random: inout SceneRandom) -> RayFlowerPainter {
    let numPetals = random.integer(11, 19)
    let fullness = random.between(0.46, 0.72)
    let base = random.chance(0.3) ? FlowerPalette.varied(colour * 0.7, 0.05, &random) : colour
    let front = PetalRing(
      numPetals: numPetals, length: random.between(0.93, 1), fullness: fullness, tip: .round, base: base, end: colour,
      ragged: 0.1, random: &random)
    let back = PetalRing(
      numPetals: numPetals, length: 1, fullness: fullness, tip: .round, base: base * 0.75, end: colour * 0.82,
      ragged: 0.12, random: &random)
    let middles = [
      SIMD4<Float>(0.90, 0.70, 0.10, 1), SIMD4(0.78, 0.55, 0.12, 1), SIMD4(0.60, 0.62, 0.22, 1),
      SIMD4(0.34, 0.20, 0.10, 1), SIMD4(0.22, 0.12, 0.10, 1),
    ]
    let middle = FlowerPalette.varied(middles[random.index(weights: [5, 3, 1, 0.7, 0.3])], 0.06, &random)
    let disc = FlowerDisc(
      radius: random.between(0.17, 0.25), numSpirals: 16, colour: middle, rim: middle * random.between(0.65, 1.1),
      relief: 0.25, random: &random)
    return RayFlowerPainter(front: front, back: back, disc: disc, shadow: (0.62, 0.38, 0.14))
  }

  /// A sunflower: a wide middle of florets in spirals, a crown of short spears in two or three rows.
  static func sunflower(colour: SIMD4<Float>, random: inout SceneRandom) -> RayFlowerPainter {
    let numPetals = random.integer(17, 25)
    let base = FlowerPalette.varied(colour * random.between(0.6, 0.95), 0.05, &random)
    let front = PetalRing(
      numPetals: numPetals, length: random.between(0.88, 0.96), fullness: random.between(1.0, 1.25), tip: .pointed,
      base: base, end: colour, ragged: 0.14, random: &random)
    let back = PetalRing(
      numPetals: numPetals, length: 1, fullness: 1.15, tip: .pointed, base: base * 0.7, end: colour * 0.84,
      ragged: 0.12, random: &random)
    let middles = [
      SIMD4<Float>(0.24, 0.14, 0.08, 1), SIMD4(0.36, 0.22, 0.10, 1), SIMD4(0.52, 0.40, 0.14, 1),
      SIMD4(0.46, 0.48, 0.20, 1), SIMD4(0.66, 0.50, 0.16, 1),
    ]
    let middle = FlowerPalette.varied(middles[random.index(weights: [4, 3, 1.3, 0.6, 0.6])], 0.05, &random)
    let disc = FlowerDisc(
      radius: random.between(0.46, 0.6), numSpirals: random.integer(28, 36), colour: middle,
      rim: FlowerPalette.varied(middle * random.between(0.5, 1.5), 0.04, &random), relief: 0.75, random: &random)
    return RayFlowerPainter(front: front, back: back, disc: disc, shadow: (0.55, 0.45, 0.12))
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
    let light = shadow.foot + shadow.rise * smooth(disc.radius, disc.radius + shadow.reach, distance)
    result = (result * light).covering(result.w)
    return disc.colour(u: u, v: v, distance: distance, angle: angle, grain: grain).over(result)
  }
}
