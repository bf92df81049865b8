// Where a flower stands in the picture and how it is turned. Painters work in the flower's own frame: (u, v) with the
// rim at radius one; `paint` takes every pixel of the picture there.

/// A flower's place, size, rotation in the picture, tilt out of it, and light.
struct FlowerPose {
  var centre: SIMD2<Float>
  var radius: Float
  /// Rotation in the picture, in radians.
  var rotation: Float
  /// The foreshortening along `tiltAngle`: 1 faces the viewer.
  var tilt: Float
  var tiltAngle: Float
  /// How much the far side shrinks.
  var perspective: Float
  /// Where the light comes from, in the picture; its length is its strength.
  var light: SIMD2<Float>
}

/// A flower seen as a function of the place in its own frame.
protocol PetalPainter {
  /// How far the flower reaches in its own frame.
  var extent: Float { get }

  /// Colour and coverage at (u, v); `grain` is the size of a pixel there.
  func colour(u: Float, v: Float, grain: Float) -> SIMD4<Float>
}

extension PaintCanvas {
  /// Paints a flower in this pose.
  @inline(__always)
  func paint(_ painter: some PetalPainter, pose: FlowerPose) {
    let cosTilt = PolynomialTrigonometry.cosine(pose.tiltAngle)
    let sinTilt = PolynomialTrigonometry.sine(pose.tiltAngle)
    let turn = pose.rotation - pose.tiltAngle
    let cosTurn = PolynomialTrigonometry.cosine(turn)
    let sinTurn = PolynomialTrigonometry.sine(turn)
    let scale = 1 / pose.radius
    let grain = scale / pose.tilt.squareRoot()
    let extent = painter.extent
    let reach = pose.radius * extent * (1 + abs(pose.perspective)) + 1
    let limit = extent * extent
    paint(
      minX: pose.centre.x - reach, minY: pose.centre.y - reach, maxX: pose.centre.x + reach,
      maxY: pose.centre.y + reach
    ) { x, y in
      let dx = (x - pose.centre.x) * scale
      let dy = (y - pose.centre.y) * scale
      var along = (dx * cosTilt + dy * sinTilt) / pose.tilt
      var across = dy * cosTilt - dx * sinTilt
      let depth = 1 / (1 + pose.perspective * along)
      along *= depth
      across *= depth
      if along * along + across * across > limit { return .zero }
      let u = along * cosTurn + across * sinTurn
      let v = across * cosTurn - along * sinTurn
      let colour = painter.colour(u: u, v: v, grain: grain)
      let lit = 1 + pose.light.x * dx + pose.light.y * dy
      return (colour * lit).covering(colour.w)
    }
  }

  /// Darkens the ground under a flower.
  func paintShadow(pose: FlowerPose, strength: Float) {
    let centre = pose.centre - pose.light * (0.9 * pose.radius)
    let reach = pose.radius * 1.1
    let scale = 1 / (reach * reach)
    paint(
      minX: centre.x - reach, minY: centre.y - reach, maxX: centre.x + reach, maxY: centre.y + reach
    ) { x, y in
      let squared = ((x - centre.x) * (x - centre.x) + (y - centre.y) * (y - centre.y)) * scale
      return SIMD4(0.02, 0.03, 0.02, strength * (1 - smooth(0.35, 1, squared)))
    }
  }
}
