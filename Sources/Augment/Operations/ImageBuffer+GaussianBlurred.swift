extension ImageBuffer {
  /// Blurred by three box blurs, which come near to a Gaussian of standard deviation `radius` (0 to 1000 pixels):
  /// Pillow's `ImageFilter.GaussianBlur`, which timm uses.
  public func gaussianBlurred(radius: Double) -> ImageBuffer {
    precondition(radius >= 0 && radius <= 1000, "a blur has a radius of 0 to 1000, got \(radius)")
    if radius == 0 { return self }
    let numPasses = 3
    let blur = BoxBlur(radius: BoxBlur.radius(sigma: Float(radius), passes: numPasses))
    let rowSize = width * 3
    var (current, next) = (pixels, [UInt8](repeating: 0, count: pixels.count))
    var sums = [UInt32](repeating: 0, count: rowSize)
    func pass(_ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt32>) -> Void) {
      current.withUnsafeBufferPointer { samples in
        next.withUnsafeMutableBufferPointer { out in
          sums.withUnsafeMutableBufferPointer { body(samples.baseAddress!, out.baseAddress!, $0.baseAddress!) }
        }
      }
      swap(&current, &next)
    }
    for _ in 0..<numPasses {
      pass { samples, out, sums in
        for row in 0..<height {
          blur.write(
            samples + row * rowSize, count: width, step: 3, lanes: 3, sums: sums, into: out + row * rowSize)
        }
      }
    }
    for _ in 0..<numPasses {
      pass { samples, out, sums in
        blur.write(samples, count: height, step: rowSize, lanes: rowSize, sums: sums, into: out)
      }
    }
    return ImageBuffer(width: width, height: height, pixels: current)
  }
}
