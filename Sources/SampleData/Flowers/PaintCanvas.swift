// The picture under construction: single-precision RGB in 0...1 (gamma-encoded; the fourth lane is unused), painted
// back to front. A shader answers colour in the first three lanes and coverage in the fourth.

/// A float RGB picture that painters draw on.
final class PaintCanvas {
  let width: Int
  let height: Int
  let pixels: UnsafeMutableBufferPointer<SIMD4<Float>>

  init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a canvas has at least one pixel")
    self.width = width
    self.height = height
    pixels = .allocate(capacity: width * height)
    pixels.initialize(repeating: SIMD4(repeating: 0))
  }

  deinit {
    pixels.deallocate()
  }

  /// Lays `shader(x, y)` over every pixel of a box (pixel centres, clipped to the canvas).
  @inline(__always)
  func paint(
    minX: Float, minY: Float, maxX: Float, maxY: Float, shader: (Float, Float) -> SIMD4<Float>
  ) {
    guard maxX > 0, maxY > 0, minX < Float(width), minY < Float(height) else { return }
    let left = Int(max(0, minX))
    let top = Int(max(0, minY))
    let right = Int(min(Float(width - 1), maxX))
    let bottom = Int(min(Float(height - 1), maxY))
    guard left <= right, top <= bottom else { return }
    guard let base = pixels.baseAddress else { return }
    for row in top...bottom {
      let line = base + row * width
      let y = Float(row) + 0.5
      for column in left...right {
        let source = shader(Float(column) + 0.5, y)
        let alpha = source.w
        if alpha > 0 {
          let under = line[column]
          line[column] = under + (source - under) * alpha
        }
      }
    }
  }

  /// Lays `shader(x, y)` over the whole canvas.
  @inline(__always)
  func paintAll(shader: (Float, Float) -> SIMD4<Float>) {
    paint(minX: 0, minY: 0, maxX: Float(width), maxY: Float(height), shader: shader)
  }
}

// MARK: Lines and curves: stems, grass, the hairs of a dandelion

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

// MARK: Softening and enlarging: what puts a backdrop out of focus

extension PaintCanvas {
  /// Blurs by two passes of a box of `2 * radius + 1` pixels along each side; the border repeats its last pixel.
  func blur(radius: Int) {
    guard radius > 0 else { return }
    var line = [SIMD4<Float>](repeating: .zero, count: max(width, height))
    for _ in 0..<2 {
      for row in 0..<height {
        boxPass(start: row * width, stride: 1, count: width, radius: radius, line: &line)
      }
      for column in 0..<width {
        boxPass(start: column, stride: width, count: height, radius: radius, line: &line)
      }
    }
  }

  private func boxPass(start: Int, stride: Int, count: Int, radius: Int, line: inout [SIMD4<Float>]) {
    guard let base = pixels.baseAddress else { return }
    for index in 0..<count { line[index] = base[start + index * stride] }
    let scale = 1 / Float(2 * radius + 1)
    var sum = line[0] * Float(radius)
    for index in 0...radius { sum += line[min(index, count - 1)] }
    for index in 0..<count {
      base[start + index * stride] = sum * scale
      sum += line[min(index + radius + 1, count - 1)] - line[max(index - radius, 0)]
    }
  }

  /// Softens by a 3x3 kernel: `amount` 0 leaves the picture as it is, 1 is a full (1, 2, 1) kernel.
  func soften(amount: Float) {
    guard amount > 0, width > 2, height > 2, let base = pixels.baseAddress else { return }
    let side = 0.25 * amount
    let middle = 1 - 2 * side
    for row in 0..<height {
      let line = base + row * width
      var previous = line[0]
      for column in 1..<(width - 1) {
        let here = line[column]
        line[column] = here * middle + (previous + line[column + 1]) * side
        previous = here
      }
    }
    var above = [SIMD4<Float>](UnsafeBufferPointer(start: base, count: width))
    for row in 1..<(height - 1) {
      let line = base + row * width
      for column in 0..<width {
        let here = line[column]
        line[column] = here * middle + (above[column] + line[column + width]) * side
        above[column] = here
      }
    }
  }

  /// This picture at another size, bilinear.
  func enlarged(width newWidth: Int, height newHeight: Int) -> PaintCanvas {
    let result = PaintCanvas(width: newWidth, height: newHeight)
    guard let source = pixels.baseAddress, let target = result.pixels.baseAddress else { return result }
    let scaleX = Float(width) / Float(newWidth)
    let scaleY = Float(height) / Float(newHeight)
    for row in 0..<newHeight {
      let y = max((Float(row) + 0.5) * scaleY - 0.5, 0)
      let top = min(Int(y), height - 1)
      let fractionY = y - Float(top)
      let upper = source + top * width
      let lower = source + min(top + 1, height - 1) * width
      for column in 0..<newWidth {
        let x = max((Float(column) + 0.5) * scaleX - 0.5, 0)
        let left = min(Int(x), width - 1)
        let right = min(left + 1, width - 1)
        let fractionX = x - Float(left)
        let above = upper[left].mixed(with: upper[right], fractionX)
        let below = lower[left].mixed(with: lower[right], fractionX)
        target[row * newWidth + column] = above.mixed(with: below, fractionY)
      }
    }
    return result
  }
}

// MARK: Colours

extension SIMD4<Float> {
  /// This colour at another coverage.
  @inline(__always)
  func covering(_ alpha: Float) -> SIMD4<Float> {
    SIMD4(x, y, z, alpha)
  }

  /// The way from this colour to another, `t` in 0...1.
  @inline(__always)
  func mixed(with other: SIMD4<Float>, _ t: Float) -> SIMD4<Float> {
    self + (other - self) * t
  }

  /// This layer above another, both as colour and coverage.
  @inline(__always)
  func over(_ under: SIMD4<Float>) -> SIMD4<Float> {
    if w >= 1 || under.w <= 0 { return self }
    if w <= 0 { return under }
    let rest = under.w * (1 - w)
    let alpha = w + rest
    return ((self * w + under * rest) / alpha).covering(alpha)
  }
}

/// `value` held within 0...1.
@inline(__always)
func unit(_ value: Float) -> Float {
  min(max(value, 0), 1)
}

/// The smooth step from 0 at `low` to 1 at `high`.
@inline(__always)
func smooth(_ low: Float, _ high: Float, _ value: Float) -> Float {
  let t = unit((value - low) / (high - low))
  return t * t * (3 - 2 * t)
}
