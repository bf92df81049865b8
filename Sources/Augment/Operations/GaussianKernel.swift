#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ImageBuffer {
  /// Blurred by a Gaussian of `kernelSize` samples (odd) and standard deviation `sigma`, in float32, the border
  /// mirrored: torchvision's `gaussian_blur`. torchvision refuses images that are not larger than half the kernel; here
  /// they are mirrored again and again.
  public func gaussianBlurred(kernelSize: Int, sigma: Double) -> ImageBuffer {
    precondition(kernelSize > 0 && kernelSize % 2 == 1, "a kernel has an odd number of samples, got \(kernelSize)")
    precondition(sigma > 0 && sigma.isFinite, "sigma must be positive, got \(sigma)")
    let kernel = Self.gaussianKernel(size: kernelSize, sigma: sigma)
    let (rowSize, half) = (width * 3, kernelSize / 2)
    let padded = (-half..<width + half).map { Self.mirrored($0, in: width) * 3 }
    var blurredRows = [Float](repeating: 0, count: pixels.count)
    var line = [Float](repeating: 0, count: padded.count * 3)
    for row in 0..<height {
      pixels.withUnsafeBufferPointer { samples in
        for (index, place) in padded.enumerated() {
          for channel in 0..<3 { line[3 * index + channel] = Float(samples[row * rowSize + place + channel]) }
        }
      }
      blurredRows.withUnsafeMutableBufferPointer { out in
        line.withUnsafeBufferPointer { line in
          let target = out.baseAddress! + row * rowSize
          for (tap, weight) in kernel.enumerated() {
            let from = line.baseAddress! + 3 * tap
            for index in 0..<rowSize { target[index] += from[index] * weight }
          }
        }
      }
    }
    var sums = [Float](repeating: 0, count: rowSize)
    return blurredRows.withUnsafeBufferPointer { rows in
      ImageBuffer(width: width, height: height) { out in
        for row in 0..<height {
          sums.withUnsafeMutableBufferPointer { sums in
            let sums = sums.baseAddress!
            sums.update(repeating: 0, count: rowSize)
            for (tap, weight) in kernel.enumerated() {
              let from = rows.baseAddress! + Self.mirrored(row + tap - half, in: height) * rowSize
              for index in 0..<rowSize { sums[index] += from[index] * weight }
            }
            let target = out.baseAddress! + row * rowSize
            for index in 0..<rowSize {
              // At 2^23 a float32 has no fraction: the addition rounds to the nearest, ties to even.
              target[index] = UInt8(truncatingIfNeeded: (min(sums[index], 255) + 8_388_608).bitPattern)
            }
          }
        }
      }
    }
  }

  /// exp(-x^2 / (2 sigma^2)) at whole distances from the middle, divided by the sum.
  private static func gaussianKernel(size: Int, sigma: Double) -> [Float] {
    let values = (0..<size).map { index in
      let distance = (Float(index) - Float(size - 1) / 2) / Float(sigma)
      return expf(-0.5 * (distance * distance))
    }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  /// The place inside that a place outside mirrors, the border not repeated.
  private static func mirrored(_ index: Int, in count: Int) -> Int {
    if count == 1 { return 0 }
    let period = 2 * (count - 1)
    let place = ((index % period) + period) % period
    return min(place, period - place)
  }
}
