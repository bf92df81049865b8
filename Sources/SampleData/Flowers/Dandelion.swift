// A dandelion, in flower or in seed.

/// Paints a dandelion in flower: many rows of narrow toothed straps, shorter and shorter towards the middle, no disc.
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

/// Draws a dandelion's globe of seeds, each a stalk from the middle with a star of rays at its end.
struct DandelionClock {
  private struct Seed {
    var direction: SIMD3<Float>
    var numRays: Int
    var turn: Float
  }

  private let colour: SIMD4<Float>
  private let core: SIMD4<Float>
  private let seeds: [Seed]

  init(colour: SIMD4<Float>, random: inout SceneRandom) {
    self.colour = colour.mixed(with: SIMD4(0.93, 0.92, 0.88, 1), 0.55)
    core = FlowerPalette.varied(SIMD4(0.30, 0.24, 0.14, 1), 0.06, &random)
    let numSeeds = random.integer(60, 90)
    let missing: Float = random.chance(0.3) ? random.between(0.1, 0.4) : 0
    let turn = random.between(0, 6.28)
    // Fibonacci's lattice on the half of the sphere that faces the viewer.
    seeds = (0..<numSeeds).compactMap { index in
      let z = 1 - (Float(index) + 0.5) / Float(numSeeds)
      let ring = max(1 - z * z, 0).squareRoot()
      let angle = turn + Float(index) * 2.399_963
      let direction = SIMD3(
        ring * PolynomialTrigonometry.cosine(angle), ring * PolynomialTrigonometry.sine(angle), z)
      let seed = Seed(direction: direction, numRays: random.integer(8, 11), turn: random.between(0, 6.28))
      return random.chance(missing) ? nil : seed
    }
  }

  /// Draws the globe in this pose; it looks alike from every side, so that the tilt has no part in it.
  func paint(on canvas: PaintCanvas, pose: FlowerPose) {
    let thin = max(pose.radius * 0.007, 0.35)
    let radius = pose.radius * 0.86
    for seed in seeds.reversed() {
      let offset = SIMD2(seed.direction.x, seed.direction.y)
      let tip = pose.centre + offset * radius
      let lit = 0.86 + 0.2 * seed.direction.z + (pose.light * offset).sum()
      canvas.segment(
        from: pose.centre + offset * (radius * 0.2), to: tip, startWidth: thin * 1.2, endWidth: thin,
        colour: colour * (0.78 * lit), alpha: 0.55)
      let length = pose.radius * 0.20
      for ray in 0..<seed.numRays {
        let angle = seed.turn + 6.283_185 * Float(ray) / Float(seed.numRays)
        // A ray is foreshortened where its seed stands near the rim.
        var direction = SIMD2(PolynomialTrigonometry.cosine(angle), PolynomialTrigonometry.sine(angle))
        let outward = (direction * offset).sum()
        direction -= offset * (outward * (1 - seed.direction.z) * 0.7)
        canvas.segment(
          from: tip, to: tip + (direction + offset * 0.35) * length, startWidth: thin, endWidth: thin * 0.6,
          colour: colour * lit, alpha: 0.62)
      }
    }
    let reach = pose.radius * 0.13
    canvas.paint(
      minX: pose.centre.x - reach - 1, minY: pose.centre.y - reach - 1, maxX: pose.centre.x + reach + 1,
      maxY: pose.centre.y + reach + 1
    ) { x, y in
      let distance = ((x - pose.centre.x) * (x - pose.centre.x) + (y - pose.centre.y) * (y - pose.centre.y))
        .squareRoot()
      return (core * (1.2 - 0.5 * distance / reach)).covering(unit(reach - distance + 0.5) * 0.85)
    }
  }
}
