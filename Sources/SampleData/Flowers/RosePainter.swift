// A rose from above: whorls of broad petals wound around each other, each with a bright lip and a dark foot.

/// Paints a rose.
struct RosePainter: PetalPainter {
  let extent: Float = 1.06
  private struct Whorl {
    var radius: Float
    var numPetals: Float
    var phase: Float
    var lobes: Float
    var wind: Float
    var shade: Float
  }

  private let whorls: [Whorl]
  private let colour: SIMD4<Float>
  private let lip: SIMD4<Float>
  private let deep: SIMD4<Float>
  private let lean: SIMD2<Float>

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    self.colour = colour
    lip = FlowerPalette.varied(colour.mixed(with: SIMD4(1, 0.98, 0.95, 1), random.between(0.05, 0.3)), 0.03, &random)
    deep = FlowerPalette.varied(colour * random.between(0.22, 0.4), 0.03, &random)
    lean = SIMD2(random.peaked() * 0.35, random.peaked() * 0.35)
    let numWhorls = random.integer(6, 8)
    let hand: Float = random.chance(0.5) ? 1 : -1
    whorls = (0..<numWhorls).map { index in
      let t = Float(index + 1) / Float(numWhorls)
      return Whorl(
        radius: 0.07 + 0.93 * t * (0.82 + 0.18 * t), numPetals: Float(t < 0.35 ? 2 : (t < 0.65 ? 3 : 5)),
        phase: random.between(0, 6.28), lobes: 0.05 + 0.07 * t, wind: hand * (0.16 - 0.06 * t),
        shade: 1 + 0.1 * random.peaked())
    }
  }

  @inline(__always)
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    // The inner whorls stand higher and are seen aside.
    let rise = max(1 - (u * u + v * v).squareRoot(), 0)
    let x = u - lean.x * rise
    let y = v - lean.y * rise
    let distance = (x * x + y * y).squareRoot()
    let angle = PolynomialTrigonometry.angle(y: y, x: x)
    var inner: Float = 0
    for whorl in whorls {
      let place = (angle + whorl.phase) * whorl.numPetals * 0.159_154_943 + 16
      let petal = place - Float(Int(place))
      // The rim winds outwards along each petal and falls back under the next.
      let lobe = PolynomialTrigonometry.sine(petal * PolynomialTrigonometry.pi)
      let rim = whorl.radius * (1 - whorl.lobes + whorl.lobes * lobe + whorl.wind * (petal - 0.5))
      let gap = rim - distance
      if gap > -0.5 * grain {
        let depth = max(rim - inner, 0.02)
        let t = unit(gap / depth)
        let edge = unit(1 - gap * 22)
        let side = whorl.wind > 0 ? petal : 1 - petal
        let overlap = 0.72 + 0.28 * smooth(0, 0.28, side)
        let body = colour.mixed(with: deep, smooth(0.25, 1, t))
        let tint = body.mixed(with: lip, edge * 0.8)
        let coverage = inner == 0 || whorl.radius < 0.98 ? 1 : unit(gap / grain + 0.5)
        return (tint * (whorl.shade * overlap)).covering(coverage)
      }
      inner = rim
    }
    return .zero
  }
}
