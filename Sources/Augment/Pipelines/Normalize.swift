/// From 8-bit samples to numbers: (sample / 255 - mean) / std of each channel, in float32, as torchvision's `ToTensor`
/// and `Normalize` compute it. Channels become planes (3 x height x width).
public struct Normalize: Sendable {
  /// The number for each sample, 256 of them for each of three channels.
  private let numbers: [Float]

  /// A normalisation with the means and deviations of red, green and blue.
  public init(mean: [Double], std: [Double]) {
    precondition(mean.count == 3 && std.count == 3, "mean and std need three numbers each")
    precondition(std.allSatisfy { $0 > 0 }, "std must be positive, got \(std)")
    numbers = (0..<3).flatMap { channel in
      (0..<256).map { (Float($0) / 255 - Float(mean[channel])) / Float(std[channel]) }
    }
  }

  /// Writes an image's 3 x height x width numbers to `out`, which must have room for them.
  public func write(_ image: ImageBuffer, mirrored: Bool = false, into out: UnsafeMutablePointer<Float>) {
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<image.height {
        write(
          row: pixels.baseAddress! + row * image.width * 3, width: image.width, mirrored: mirrored,
          into: out + row * image.width, planeSize: image.width * image.height)
      }
    }
  }

  /// Writes a row of RGB samples to the same row of three planes, optionally from right to left.
  func write(
    row: UnsafePointer<UInt8>, width: Int, mirrored: Bool, into out: UnsafeMutablePointer<Float>, planeSize: Int
  ) {
    numbers.withUnsafeBufferPointer { numbers in
      let red = numbers.baseAddress!
      let (green, blue) = (red + 256, red + 512)
      let step = mirrored ? -1 : 1
      var target = mirrored ? out + width - 1 : out
      var samples = row
      for _ in 0..<width {
        target[0] = red[Int(samples[0])]
        target[planeSize] = green[Int(samples[1])]
        target[2 * planeSize] = blue[Int(samples[2])]
        samples += 3
        target += step
      }
    }
  }
}
