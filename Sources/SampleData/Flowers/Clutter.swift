// Leaves, grass and stones: among the flowers, behind them and in front of them.

/// Paints the things that are not flowers.
enum Clutter {
  /// A lens-shaped leaf with a midrib and veins.
  static func paintLeaf(_ canvas: PaintCanvas, centre: SIMD2<Float>, length: Float, random: inout SceneRandom) {
    let angle = random.between(0, 6.28)
    paintLeaf(
      canvas, centre: centre, length: length, angle: angle, breadth: random.between(0.22, 0.5), random: &random)
  }

  /// A leaf along `angle`, `breadth` times as broad as it is long.
  static func paintLeaf(
    _ canvas: PaintCanvas, centre: SIMD2<Float>, length: Float, angle: Float, breadth: Float,
    random: inout SceneRandom
  ) {
    let cosine = PolynomialTrigonometry.cosine(angle)
    let sine = PolynomialTrigonometry.sine(angle)
    let colour = FlowerPalette.green(&random)
    let bend = random.peaked() * 0.4
    let veins = random.between(10, 22)
    let scale = 1 / length
    canvas.paint(
      minX: centre.x - length, minY: centre.y - length, maxX: centre.x + length, maxY: centre.y + length
    ) { x, y in
      let dx = (x - centre.x) * scale
      let dy = (y - centre.y) * scale
      let along = dx * cosine + dy * sine
      if along < -1 || along > 1 { return .zero }
      let across = dy * cosine - dx * sine - bend * (along * along - 0.3)
      let half = breadth * (1 - along * along) * (1 - 0.25 * along)
      let reach = abs(across)
      let coverage = unit((half - reach) * length + 0.5)
      if coverage <= 0 { return .zero }
      let vein = PolynomialTrigonometry.sine((along - reach * 0.9) * veins)
      let rib = unit(1.4 - reach * length * 0.7) * 0.25
      let side: Float = across > 0 ? 0.09 : -0.09
      return (colour * (1 + side + 0.07 * vein + rib)).covering(coverage)
    }
  }

  /// A blade of grass from somewhere below or beside.
  static func paintBlade(_ canvas: PaintCanvas, reach: Float, random: inout SceneRandom) {
    let foot = SIMD2(random.between(0, Float(canvas.width)), random.between(0.55, 1.2) * Float(canvas.height))
    let lean = random.peaked() * 1.4
    let tip = foot + SIMD2(lean * reach, -reach * random.between(0.5, 1))
    let control = foot + SIMD2(lean * reach * 0.15, -reach * random.between(0.5, 0.8))
    let thick = max(reach * random.between(0.012, 0.03), 0.8)
    canvas.curve(
      from: foot, control: control, to: tip, startWidth: thick, endWidth: 0.4, colour: FlowerPalette.green(&random),
      shading: 0.2)
  }

  /// A stone: a lumpy disc lit from one side.
  static func paintStone(_ canvas: PaintCanvas, centre: SIMD2<Float>, radius: Float, random: inout SceneRandom) {
    let tone = random.between(0.3, 0.75)
    let colour = FlowerPalette.varied(SIMD4(tone, tone * 0.95, tone * 0.88, 1), 0.05, &random)
    let phase = random.between(0, 6.28)
    let lumps = random.between(0.04, 0.14)
    let flat = random.between(0.6, 1)
    let light = SIMD2(random.between(-0.3, 0.3), -0.3)
    let scale = 1 / radius
    canvas.paint(
      minX: centre.x - radius * 1.2, minY: centre.y - radius * 1.2, maxX: centre.x + radius * 1.2,
      maxY: centre.y + radius * 1.2
    ) { x, y in
      let dx = (x - centre.x) * scale
      let dy = (y - centre.y) * scale / flat
      let angle = PolynomialTrigonometry.angle(y: dy, x: dx)
      let rim =
        1 + lumps * PolynomialTrigonometry.sine(3 * angle + phase)
        + lumps * 0.6 * PolynomialTrigonometry.sine(5 * angle - 2 * phase)
      let distance = (dx * dx + dy * dy).squareRoot()
      let coverage = unit((rim - distance) * radius + 0.5)
      if coverage <= 0 { return .zero }
      let dome = 1.05 - 0.4 * distance * distance + (light.x * dx + light.y * dy)
      return (colour * dome).covering(coverage)
    }
  }
}
