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
