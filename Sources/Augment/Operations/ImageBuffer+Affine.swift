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
