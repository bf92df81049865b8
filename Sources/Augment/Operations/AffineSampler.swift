import CPixels

/// An affine transform of one image: what each pixel of the output shows.
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

  /// Whether whole pixels are moved, and nothing lies between them.
  var movesWholePixels: Bool {
    matrix.a == 1 && matrix.b == 0 && matrix.d == 0 && matrix.e == 1 && abs(matrix.c) < 1e9 && abs(matrix.f) < 1e9
      && matrix.c == matrix.c.rounded() && matrix.f == matrix.f.rounded()
  }

  /// The means (bilinear) or the cubics through (a = -1, bicubic) the pixels around each point, the fraction dropped.
  func writeInterpolated(isCubic: Bool, width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    precondition(max(width, height, sourceWidth, sourceHeight) <= Int32.max, "the image is too large")
    var view = cpixels_view(
      samples: samples, width: Int32(sourceWidth), height: Int32(sourceHeight), a: matrix.a, b: matrix.b, c: matrix.c,
      d: matrix.d, e: matrix.e, f: matrix.f, fill: fill)
    if isCubic {
      cpixels_bicubic(&view, Int32(width), Int32(height), out)
    } else {
      cpixels_bilinear(&view, Int32(width), Int32(height), out)
    }
  }
}
