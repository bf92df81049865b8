/// A mean over `2 radius + 1` neighbours, where the radius may have a fraction (the pixels at the ends then count by
/// it), along rows or columns; beyond the border its pixels go on. The arithmetic is that of Pillow's box blur: sums in
/// 32-bit integers, 24 bits of fraction.
struct BoxBlur {
  private let radius: Int
  private let weight: UInt32
  private let endWeight: UInt32

  /// A blur of the given radius.
  init(radius: Float) {
    self.radius = Int(radius)
    weight = UInt32(Float(1 << 24) / (radius * 2 + 1))
    endWeight = (UInt32(1 << 24) - UInt32(self.radius * 2 + 1) * weight) / 2
  }

  /// The radius whose blur, done `passes` times, comes near to a Gaussian of standard deviation `sigma` (Gwosdek et
  /// al., Theoretical Foundations of Gaussian Convolution by Extended Box Filtering, 2011).
  static func radius(sigma: Float, passes: Int) -> Float {
    let variance = sigma * sigma / Float(passes)
    let length = Float((12.0 * Double(variance) + 1.0).squareRoot())
    let whole = Float(((Double(length) - 1) / 2).rounded(.down))
    let part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance)
    return whole + part / (6 * (variance - (whole + 1) * (whole + 1)))
  }

  /// Blurs `count` places, `step` samples apart, of `lanes` neighbouring samples each, from `samples` to `out`. `sums`
  /// has room for `lanes` numbers.
  func write(
    _ samples: UnsafePointer<UInt8>, count: Int, step: Int, lanes: Int, sums: UnsafeMutablePointer<UInt32>,
    into out: UnsafeMutablePointer<UInt8>
  ) {
    func place(_ index: Int) -> UnsafePointer<UInt8> { samples + min(max(index, 0), count - 1) * step }
    // The sum around the place before the first one.
    let (first, last) = (place(0), place(count - 1))
    let numInside = min(radius, count)
    for lane in 0..<lanes {
      sums[lane] = UInt32(first[lane]) &* UInt32(radius + 1) &+ UInt32(last[lane]) &* UInt32(radius - numInside)
    }
    for index in 0..<numInside {
      let row = place(index)
      for lane in 0..<lanes { sums[lane] &+= UInt32(row[lane]) }
    }
    for index in 0..<count {
      let (leaving, entering) = (place(index - radius - 1), place(index + radius))
      let following = place(index + radius + 1)
      let target = out + index * step
      for lane in 0..<lanes {
        let sum = sums[lane] &+ UInt32(entering[lane]) &- UInt32(leaving[lane])
        sums[lane] = sum
        let ends = UInt32(leaving[lane]) &+ UInt32(following[lane])
        target[lane] = UInt8(truncatingIfNeeded: (sum &* weight &+ ends &* endWeight &+ (1 << 23)) &>> 24)
      }
    }
  }
}

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
