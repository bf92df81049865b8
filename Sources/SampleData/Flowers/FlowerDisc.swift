// The middle of a daisy or a sunflower: florets in crossing spirals on a dome.

/// A round middle with a texture of florets.
struct FlowerDisc {
  let radius: Float
  private let colour: SIMD4<Float>
  private let rim: SIMD4<Float>
  private let spirals: (Float, Float)
  private let twist: Float
  private let relief: Float
  private let core: Float

  /// A disc of `radius` with `numSpirals` rows of florets each way.
  init(
    radius: Float, numSpirals: Int, colour: SIMD4<Float>, rim: SIMD4<Float>, relief: Float, random: inout SceneRandom
  ) {
    self.radius = radius
    self.colour = colour
    self.rim = rim
    self.relief = relief
    spirals = (Float(numSpirals), Float(numSpirals * 5 / 8))
    twist = random.between(0.8, 1.2) * (random.chance(0.5) ? 1 : -1)
    core = random.between(0.2, 0.5)
  }

  /// Colour and coverage at distance `distance` from the centre and this angle.
  @inline(__always)
  func colour(u: Float, v: Float, distance: Float, angle: Float, grain: Float) -> SIMD4<Float> {
    let coverage = unit((radius - distance) / grain + 0.5)
    if coverage <= 0 { return .zero }
    let t = distance / radius
    let turn = twist * t * 6
    let first = PolynomialTrigonometry.sine(spirals.0 * (angle + turn * 0.22))
    let second = PolynomialTrigonometry.sine(spirals.1 * (angle - turn * 0.55))
    let florets = first * second * min(t * 2.5, 1)
    let dome = 1.08 - 0.42 * t * t
    let ring = smooth(core, core + 0.12, t)
    let tint = colour.mixed(with: rim, ring * 0.75)
    return (tint * (dome * (1 + relief * florets))).covering(coverage)
  }
}
