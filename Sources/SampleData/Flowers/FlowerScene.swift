// One picture of the flowers set: backdrop, flowers on their stems, clutter before and behind, the camera.

/// A class of the procedural flowers set; the raw value is the name of the class and of its folder.
/// What carries the class is structure: the number, shape and arrangement of the petals and the texture of the middle.
/// Colour does not: the palettes of the classes overlap on purpose (see `FlowerPalette`).
enum FlowerSpecies: String, CaseIterable, Sendable {
  case daisy, dandelion, roses, sunflowers, tulips
}

/// Composes a picture of one species; the same for the same species, size and random stream.
struct FlowerScene {
  private let species: FlowerSpecies
  private let canvas: PaintCanvas
  private let unitLength: Float
  private var random: SceneRandom

  /// Paints the picture and answers it as interleaved RGB.
  static func render(species: FlowerSpecies, width: Int, height: Int, random: SceneRandom) -> [UInt8] {
    var scene = FlowerScene(species: species, width: width, height: height, random: random)
    return scene.compose()
  }

  private init(species: FlowerSpecies, width: Int, height: Int, random: SceneRandom) {
    var random = random
    self.species = species
    canvas = Backdrop.make(width: width, height: height, random: &random)
    unitLength = Float(min(width, height))
    self.random = random
  }

  private mutating func compose() -> [UInt8] {
    paintClutter(share: random.between(0, 1))
    let poses = placeFlowers()
    let colour = FlowerPalette.petal(species, &random)
    let mixedBed = random.chance(0.25)
    let stems = FlowerPalette.green(&random)
    for pose in poses { paintStem(pose, colour: stems) }
    for pose in poses {
      let own = mixedBed ? FlowerPalette.petal(species, &random) : FlowerPalette.varied(colour, 0.04, &random)
      paintFlower(pose, colour: own)
    }
    paintForeground()
    return FilmFinish(random: &random).develop(canvas)
  }

  /// Poses of one to nine flowers that do not hide each other, the far and small ones first.
  private mutating func placeFlowers() -> [FlowerPose] {
    let crowd = random.index(weights: [4, 2.5, 2.5, 1.5])
    let wanted = [1, 2, random.integer(3, 4), random.integer(5, 9)][crowd]
    let sizes: [(Float, Float)] = [(0.30, 0.54), (0.25, 0.40), (0.20, 0.32), (0.16, 0.23)]
    let light = SIMD2(random.peaked() * 0.35, random.between(-0.3, 0.1))
    var poses: [FlowerPose] = []
    for _ in 0..<wanted {
      // A tulip's cup fills less of its circle.
      let scale: Float = species == .tulips ? 1.2 : 1
      let radius = scale * unitLength * random.between(sizes[crowd].0, sizes[crowd].1)
      for _ in 0..<10 {
        let centre = SIMD2(
          random.between(0.15, 0.85) * Float(canvas.width), random.between(0.14, 0.84) * Float(canvas.height))
        let free = poses.allSatisfy { other in
          let way = other.centre - centre
          let apart = (other.radius + radius) * 0.72
          return (way * way).sum() > apart * apart
        }
        guard free || poses.isEmpty else { continue }
        poses.append(pose(centre: centre, radius: radius, light: light))
        break
      }
    }
    return poses.sorted { $0.radius < $1.radius }
  }

  private mutating func pose(centre: SIMD2<Float>, radius: Float, light: SIMD2<Float>) -> FlowerPose {
    if species == .tulips {
      return FlowerPose(
        centre: centre, radius: radius, rotation: random.peaked() * 1.1, tilt: random.between(0.85, 1),
        tiltAngle: random.between(0, 3.14), perspective: random.peaked() * 0.1, light: light)
    }
    return FlowerPose(
      centre: centre, radius: radius, rotation: random.between(0, 6.28), tilt: random.between(0.58, 1),
      tiltAngle: random.between(0, 3.14), perspective: random.peaked() * 0.25, light: light)
  }

  private mutating func paintStem(_ pose: FlowerPose, colour: SIMD4<Float>) {
    var start = pose.centre
    if species == .tulips {
      let drop = SIMD2(
        -PolynomialTrigonometry.sine(pose.rotation), PolynomialTrigonometry.cosine(pose.rotation))
      start += drop * (pose.radius * TulipPainter.foot * 0.9)
    } else if random.chance(0.35) {
      return
    }
    let length = Float(canvas.height) * random.between(0.6, 1.2)
    let end = start + SIMD2(random.peaked() * length * 0.5, length)
    let control = start + SIMD2(random.peaked() * length * 0.2, length * 0.5)
    let thick = pose.radius * random.between(0.04, 0.075) * (species == .sunflowers ? 1.3 : 1)
    canvas.curve(
      from: start, control: control, to: end, startWidth: thick, endWidth: thick * 1.1,
      colour: FlowerPalette.varied(colour, 0.03, &random), shading: 0.3, numSegments: 10)
    for _ in 0..<random.integer(0, 2) {
      let t = random.between(0.3, 0.8)
      let place = start + (end - start) * t
      let angle = -1.57 + random.peaked() * 1.8
      let reach = pose.radius * random.between(0.6, 1.3)
      let ahead = SIMD2(PolynomialTrigonometry.cosine(angle), PolynomialTrigonometry.sine(angle))
      Clutter.paintLeaf(
        canvas, centre: place + ahead * reach, length: reach, angle: angle, breadth: random.between(0.15, 0.35),
        random: &random)
    }
  }

  private mutating func paintFlower(_ pose: FlowerPose, colour: SIMD4<Float>) {
    canvas.paintShadow(pose: pose, strength: random.between(0.1, 0.5))
    switch species {
    case .daisy:
      canvas.paint(RayFlowerPainter.daisy(colour: colour, random: &random), pose: pose)
    case .dandelion:
      if random.chance(0.4) {
        DandelionClock(colour: colour, random: &random).paint(on: canvas, pose: pose)
      } else {
        canvas.paint(DandelionPainter(colour: colour, random: &random), pose: pose)
      }
    case .roses:
      canvas.paint(RosePainter(colour: colour, random: &random), pose: pose)
    case .sunflowers:
      canvas.paint(RayFlowerPainter.sunflower(colour: colour, random: &random), pose: pose)
    case .tulips:
      canvas.paint(TulipPainter(colour: colour, random: &random), pose: pose)
    }
  }

  private mutating func paintClutter(share: Float) {
    let numLeaves = Int(12 * share * random.between(0, 1))
    for _ in 0..<numLeaves {
      let centre = SIMD2(
        random.between(0, 1) * Float(canvas.width), random.between(0.2, 1.05) * Float(canvas.height))
      Clutter.paintLeaf(
        canvas, centre: centre, length: unitLength * random.between(0.06, 0.24), random: &random)
    }
    let numBlades = Int(26 * share * random.between(0, 1))
    for _ in 0..<numBlades {
      Clutter.paintBlade(canvas, reach: unitLength * random.between(0.3, 0.9), random: &random)
    }
  }

  /// Now and then a blade or a leaf in front of the flowers.
  private mutating func paintForeground() {
    guard random.chance(0.4) else { return }
    for _ in 0..<random.integer(1, 6) {
      Clutter.paintBlade(canvas, reach: unitLength * random.between(0.4, 1), random: &random)
    }
    if random.chance(0.35) {
      let centre = SIMD2(
        random.between(0, 1) * Float(canvas.width), random.between(0.6, 1.1) * Float(canvas.height))
      Clutter.paintLeaf(
        canvas, centre: centre, length: unitLength * random.between(0.1, 0.25), random: &random)
    }
  }
}
