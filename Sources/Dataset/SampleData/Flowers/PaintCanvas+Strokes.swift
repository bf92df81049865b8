// Lines and curves: stems, grass, the hairs of a dandelion.

extension PaintCanvas {
  /// Draws a segment whose half width goes from `startWidth` to `endWidth`, shaded across like a stalk by `shading`
  /// (0: flat).
  func segment(
    from start: SIMD2<Float>, to end: SIMD2<Float>, startWidth: Float, endWidth: Float, colour: SIMD4<Float>,
    alpha: Float = 1, shading: Float = 0
  ) {
    let reach = max(startWidth, endWidth) + 1
    let along = end - start
    let squared = max((along * along).sum(), 1e-6)
    let scale = 1 / squared
    let length = squared.squareRoot()
    paint(
      minX: min(start.x, end.x) - reach, minY: min(start.y, end.y) - reach, maxX: max(start.x, end.x) + reach,
      maxY: max(start.y, end.y) + reach
    ) { x, y in
      let dx = x - start.x
      let dy = y - start.y
      let t = unit((dx * along.x + dy * along.y) * scale)
      let offX = dx - along.x * t
      let offY = dy - along.y * t
      let distance = (offX * offX + offY * offY).squareRoot()
      let half = startWidth + (endWidth - startWidth) * t
      let coverage = unit(half - distance + 0.5)
      if coverage <= 0 { return .zero }
      let side = (dx * along.y - dy * along.x) / (length * max(half, 0.5))
      return (colour * (1 + shading * side)).covering(coverage * alpha)
    }
  }

  /// Draws a quadratic curve from `start` by way of `control` to `end`.
  func curve(
    from start: SIMD2<Float>, control: SIMD2<Float>, to end: SIMD2<Float>, startWidth: Float, endWidth: Float,
    colour: SIMD4<Float>, shading: Float = 0, numSegments: Int = 8
  ) {
    var previous = start
    var previousWidth = startWidth
    for step in 1...numSegments {
      let t = Float(step) / Float(numSegments)
      let s = 1 - t
      let point = start * (s * s) + control * (2 * s * t) + end * (t * t)
      let width = startWidth + (endWidth - startWidth) * t
      segment(
        from: previous, to: point, startWidth: previousWidth, endWidth: width, colour: colour, shading: shading)
      previous = point
      previousWidth = width
    }
  }
}
