/// What the three kinds of interpolation of an affine transform have in common.
struct AffineSampler {
  let samples: UnsafePointer<UInt8>
  let sourceWidth: Int
  let sourceHeight: Int
  let matrix: AffineMatrix
  let fill: (UInt8, UInt8, UInt8)

  /// Writes one pixel of the colour for places outside.
  @inline(__always)
  func writeFill(_ out: UnsafeMutablePointer<UInt8>) {
    out[0] = fill.0
    out[1] = fill.1
    out[2] = fill.2
  }

  /// Writes the source's pixel.
  @inline(__always)
  func copy(x: Int, y: Int, into out: UnsafeMutablePointer<UInt8>) {
    let source = samples + (y * sourceWidth + x) * 3
    out[0] = source[0]
    out[1] = source[1]
    out[2] = source[2]
  }

  /// Red, green and blue of a sample.
  @inline(__always)
  func color(_ row: UnsafePointer<UInt8>, _ x: Int) -> SIMD4<Double> {
    let source = row + 3 * x
    return SIMD4(Double(source[0]), Double(source[1]), Double(source[2]), 0)
  }

  /// Calls `body` with the source point (moved by half a pixel, so that whole numbers are the centres of pixels) of
  /// each output pixel whose point lies inside, and fills the others.
  @inline(__always)
  func forEachPoint(
    width: Int, height: Int, out: UnsafeMutablePointer<UInt8>,
    _ body: (Double, Double, UnsafeMutablePointer<UInt8>) -> Void
  ) {
    let (limitX, limitY) = (Double(sourceWidth), Double(sourceHeight))
    var target = out
    for y in 0..<height {
      let outY = Double(y) + 0.5
      let (partX, partY) = (matrix.b * outY, matrix.e * outY)
      for x in 0..<width {
        let outX = Double(x) + 0.5
        let pointX = matrix.a * outX + partX + matrix.c
        let pointY = matrix.d * outX + partY + matrix.f
        if pointX >= 0 && pointX < limitX && pointY >= 0 && pointY < limitY {
          body(pointX - 0.5, pointY - 0.5, target)
        } else {
          writeFill(target)
        }
        target += 3
      }
    }
  }

  /// A coordinate from -0.5 on, rounded down.
  @inline(__always)
  static func floor(_ coordinate: Double) -> Int { coordinate < 0 ? -1 : Int(coordinate) }
}
