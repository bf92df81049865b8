// What lies behind the flowers: a gradient with clouds of colour, and things out of focus, painted small and enlarged.

/// Paints the distance of a picture.
enum Backdrop {
  /// A backdrop of this size, with `numGhosts` blurred blobs of petal colour.
  static func make(width: Int, height: Int, random: inout SceneRandom) -> PaintCanvas {
    let small = PaintCanvas(width: (width + 1) / 2, height: (height + 1) / 2)
    let unitLength = Float(min(small.width, small.height))
    paintGround(small, random: &random)
    let detail = random.between(0, 1)
    if detail < 0.55 {
      for _ in 0..<random.integer(15, 45) {
        Clutter.paintLeaf(
          small, centre: place(small, &random), length: unitLength * random.between(0.05, 0.22), random: &random)
      }
    }
    if detail > 0.35 {
      for _ in 0..<random.integer(10, 40) {
        Clutter.paintBlade(small, reach: unitLength * random.between(0.3, 0.9), random: &random)
      }
    }
    if random.chance(0.25) {
      for _ in 0..<random.integer(6, 30) {
        Clutter.paintStone(
          small, centre: place(small, &random), radius: unitLength * random.between(0.03, 0.12), random: &random)
      }
    }
    small.blur(radius: Int(unitLength * random.between(0.004, 0.04)))
    paintGhosts(small, unitLength: unitLength, random: &random)
    return small.enlarged(width: width, height: height)
  }

  private static func place(_ canvas: PaintCanvas, _ random: inout SceneRandom) -> SIMD2<Float> {
    SIMD2(random.between(0, Float(canvas.width)), random.between(0, Float(canvas.height)))
  }

  private static func paintGround(_ canvas: PaintCanvas, random: inout SceneRandom) {
    let near = FlowerPalette.backdrop(&random)
    let far = random.chance(0.5) ? FlowerPalette.backdrop(&random) : FlowerPalette.varied(near, 0.12, &random)
    let patch = FlowerPalette.backdrop(&random)
    let angle = random.between(0, 6.28)
    let slopeX = PolynomialTrigonometry.cosine(angle)
    let slopeY = PolynomialTrigonometry.sine(angle)
    let coarse = NoiseGrid(columns: random.integer(2, 5), rows: random.integer(2, 4), random: &random)
    let fine = NoiseGrid(columns: random.integer(10, 24), rows: random.integer(8, 18), random: &random)
    let scaleX = 1 / Float(canvas.width)
    let scaleY = 1 / Float(canvas.height)
    let roughness = random.between(0.05, 0.4)
    canvas.paintAll { px, py in
      let x = px * scaleX
      let y = py * scaleY
      let cloud = coarse.value(x, y)
      let slope = unit(0.5 + (x - 0.5) * slopeX + (y - 0.5) * slopeY + (cloud - 0.5) * 0.6)
      let tint = near.mixed(with: far, slope).mixed(with: patch, smooth(0.6, 0.9, cloud) * 0.7)
      return (tint * (1 + roughness * (fine.value(x, y) - 0.5))).covering(1)
    }
  }

  /// Discs of light and of petal colour out of focus: what would be a give-away of colour is everywhere.
  private static func paintGhosts(_ canvas: PaintCanvas, unitLength: Float, random: inout SceneRandom) {
    let numGhosts = random.chance(0.65) ? random.integer(2, 14) : 0
    for _ in 0..<numGhosts {
      let centre = place(canvas, &random)
      let radius = unitLength * random.between(0.03, 0.16)
      let colour = random.chance(0.7) ? FlowerPalette.anyPetal(&random) : SIMD4<Float>(0.95, 0.95, 0.85, 1)
      let alpha = random.between(0.2, 0.75)
      let rim = random.between(0.2, 0.9)
      canvas.paint(
        minX: centre.x - radius, minY: centre.y - radius, maxX: centre.x + radius, maxY: centre.y + radius
      ) { x, y in
        let distance = ((x - centre.x) * (x - centre.x) + (y - centre.y) * (y - centre.y)).squareRoot() / radius
        return colour.covering(alpha * (1 - smooth(1 - rim, 1, distance)))
      }
    }
  }
}

/// A grid of random values in 0...1, read between its points by a smooth step.
struct NoiseGrid {
  private let columns: Int
  private let rows: Int
  private let values: [Float]

  init(columns: Int, rows: Int, random: inout SceneRandom) {
    self.columns = columns
    self.rows = rows
    values = (0..<((columns + 1) * (rows + 1))).map { _ in random.between(0, 1) }
  }

  /// The value at (x, y), both in 0...1.
  @inline(__always)
  func value(_ x: Float, _ y: Float) -> Float {
    let gridX = unit(x) * Float(columns) * 0.999_99
    let gridY = unit(y) * Float(rows) * 0.999_99
    let column = Int(gridX)
    let row = Int(gridY)
    let tx = gridX - Float(column)
    let ty = gridY - Float(row)
    let sx = tx * tx * (3 - 2 * tx)
    let sy = ty * ty * (3 - 2 * ty)
    let index = row * (columns + 1) + column
    let upper = values[index] + (values[index + 1] - values[index]) * sx
    let below = index + columns + 1
    let lower = values[below] + (values[below + 1] - values[below]) * sx
    return upper + (lower - upper) * sy
  }
}
