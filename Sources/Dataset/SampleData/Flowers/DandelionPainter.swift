// A dandelion in flower: many rows of narrow toothed straps, shorter and shorter towards the middle, no disc.

/// Paints a dandelion in flower.
struct DandelionPainter: PetalPainter {
  let extent: Float = 1.02
  private let rings: [PetalRing]
  private let lengths: [Float]

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    let numRings = 7
    let dense = random.between(0.9, 1.2)
    var lengths: [Float] = []
    rings = (0..<numRings).map { ring in
      // The topmost row is the shortest and the first to be asked.
      let length = 0.16 + 0.84 * Float(ring) / Float(numRings - 1)
      lengths.append(length)
      let light = 1.08 - 0.05 * Float(ring)
      return PetalRing(
        numPetals: Int((14 + 28 * length) * dense), length: length, fullness: 0.72, tip: .toothed,
        base: colour * 0.4, end: colour * light, ragged: 0.16, random: &random)
    }
    self.lengths = lengths
  }

  @inline(__always)
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float> {
    let distance = (u * u + v * v).squareRoot()
    let angle = PolynomialTrigonometry.angle(y: v, x: u)
    var result = SIMD4<Float>.zero
    for ring in 0..<rings.count where lengths[ring] + grain > distance {
      result = result.over(rings[ring].colour(u: u, v: v, angle: angle, grain: grain))
      if result.w >= 1 { break }
    }
    // Within the outer rows nothing shows through: the bed of the flower is there.
    if result.w < 1 && distance < 0.62 {
      result = result.over(SIMD4(0.16, 0.17, 0.06, 1))
    }
    return result
  }
}
