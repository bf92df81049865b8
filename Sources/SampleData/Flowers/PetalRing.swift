// A ring of petals of one shape around the middle of a flower.

/// What a petal looks like at its end.
enum PetalTip {
  /// A strap with a round end (daisy).
  case round
  /// A spear (sunflower).
  case pointed
  /// A narrow strap cut off with teeth (dandelion).
  case toothed
}

/// Petals set around a centre, each with its own length, width, angle and shade.
struct PetalRing {
  private struct Petal {
    var cosine: Float
    var sine: Float
    var length: Float
    var shade: Float
    var order: Float
  }

  private let petals: [Petal]
  private let slots: Float
  private let phase: Float
  private let halfWidth: Float
  private let tip: PetalTip
  private let base: SIMD4<Float>
  private let end: SIMD4<Float>
  private let streaks: Float

  /// A ring of `numPetals` that reach to `length`, give or take `ragged` of it, and fill `fullness` of their share of
  /// the circle; the colour goes from `base` in the middle to `end` at the tip.
  init(
    numPetals: Int, length: Float, fullness: Float, tip: PetalTip, base: SIMD4<Float>, end: SIMD4<Float>,
    ragged: Float, random: inout SceneRandom
  ) {
    let step = 2 * PolynomialTrigonometry.pi / Float(numPetals)
    let start = random.between(0, step)
    phase = start
    slots = Float(numPetals) / (2 * PolynomialTrigonometry.pi)
    halfWidth = fullness * length * step * 0.5
    self.tip = tip
    self.base = base
    self.end = end
    streaks = random.between(2.5, 4.5)
    petals = (0..<numPetals).map { index in
      let angle = start + (Float(index) + 0.5 + 0.22 * random.peaked()) * step
      return Petal(
        cosine: PolynomialTrigonometry.cosine(angle), sine: PolynomialTrigonometry.sine(angle),
        length: length * (1 - ragged * random.between(0, 1)), shade: 1 + 0.16 * random.peaked(),
        order: random.between(0, 1))
    }
  }

  /// Colour and coverage at (u, v), whose angle in -pi...pi is `angle`.
  @inline(__always)
  func colour(u: Float, v: Float, angle: Float, grain: Float) -> SIMD4<Float> {
    let count = petals.count
    let place = (angle - phase + 4 * PolynomialTrigonometry.pi) * slots
    let whole = Int(place)
    let fraction = place - Float(whole)
    var first = whole % count
    var second = (fraction < 0.5 ? whole - 1 + count : whole + 1) % count
    if petals[second].order > petals[first].order { swap(&first, &second) }
    let upper = colour(of: petals[first], u: u, v: v, grain: grain)
    if upper.w >= 1 { return upper }
    let lower = colour(of: petals[second], u: u, v: v, grain: grain)
    if upper.w <= 0 { return lower }
    let alpha = upper.w + lower.w * (1 - upper.w)
    let mixed = (upper * upper.w + lower * (lower.w * (1 - upper.w))) / alpha
    return mixed.covering(alpha)
  }

  @inline(__always)
  private func colour(of petal: Petal, u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    let along = u * petal.cosine + v * petal.sine
    if along <= 0 || along > petal.length + grain { return .zero }
    let across = v * petal.cosine - u * petal.sine
    let t = along / petal.length
    let half: Float
    switch tip {
    case .round:
      let end = max(t - 0.78, 0) * 4.545
      half = halfWidth * (0.45 + 0.55 * unit(t * 1.5)) * max(1 - end * end, 0).squareRoot()
    case .pointed:
      half = halfWidth * min(0.5 + t, 1.15) * min((1 - t) * 2.2, 1) * (1.06 - 0.3 * t)
    case .toothed:
      half = halfWidth * (0.5 + 0.5 * t)
    }
    let distance = abs(across)
    var coverage = unit((half - distance) / grain + 0.5)
    if coverage <= 0 { return .zero }
    let side = min(distance / max(half, 1e-4), 1)
    if tip == .toothed {
      // Three teeth: the end is cut by a zigzag.
      let tooth = abs(side - 0.5) * 0.12 * petal.length
      coverage *= unit((petal.length - tooth - along) / grain + 0.5)
    }
    let ridge = PolynomialTrigonometry.sine(side * streaks * 2)
    let shade = petal.shade * (1.06 - 0.30 * side * side + 0.07 * ridge) * (0.74 + 0.30 * unit(t * 1.3))
    let tint = base.mixed(with: end, smooth(0.1, 0.75, t))
    return (tint * shade).covering(coverage)
  }
}
