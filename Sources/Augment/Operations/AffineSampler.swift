import CPixels
public import Preprocessing

extension ImageBuffer {
  /// An image of the same size, each pixel of which shows the point of this one that the matrix names: Pillow's
  /// `transform(size, AFFINE, matrix, interpolation, fillcolor=fill)`. Pixels whose point lies outside get `fill`.
  /// Nothing is antialiased; `interpolation` must be nearest, bilinear or bicubic, and the matrix finite.
  public func affine(
    _ matrix: AffineMatrix, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(matrix, width: width, height: height, interpolation: interpolation, fill: fill)
  }

  /// The same with an output of another size.
  func affine(
    _ matrix: AffineMatrix, width: Int, height: Int, interpolation: Interpolation, fill: (UInt8, UInt8, UInt8)
  ) -> ImageBuffer {
    let numbers = [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f]
    precondition(interpolation.isPointwise, "\(interpolation) does not interpolate between pixels")
    precondition(numbers.allSatisfy(\.isFinite), "the matrix \(numbers) is not finite")
    return pixels.withUnsafeBufferPointer { samples in
      let sampler = AffineSampler(
        samples: samples.baseAddress!, sourceWidth: self.width, sourceHeight: self.height, matrix: matrix, fill: fill)
      return ImageBuffer(width: width, height: height) { out in
        let out = out.baseAddress!
        if interpolation == .nearest || sampler.movesWholePixels {
          sampler.writeNearest(width: width, height: height, into: out)
        } else {
          sampler.writeInterpolated(isCubic: interpolation == .bicubic, width: width, height: height, into: out)
        }
      }
    }
  }
}

/// An affine or perspective transform of one image: what each pixel of the output shows.
struct AffineSampler {
  let samples: UnsafePointer<UInt8>
  let sourceWidth: Int
  let sourceHeight: Int
  let matrix: AffineMatrix
  /// What a point is divided by, but for 1: g x + h y.
  var g = 0.0
  var h = 0.0
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
      d: matrix.d, e: matrix.e, f: matrix.f, g: g, h: h, fill: fill)
    if isCubic {
      cpixels_bicubic(&view, Int32(width), Int32(height), out)
    } else {
      cpixels_bilinear(&view, Int32(width), Int32(height), out)
    }
  }
}
