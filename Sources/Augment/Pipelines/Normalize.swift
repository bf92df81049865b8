/// From 8-bit samples to numbers: (sample / 255 - mean) / std of each channel, in float32, as torchvision's `ToTensor`
/// and `Normalize` compute it. Channels become planes (3 x height x width).
public struct Normalize: Sendable {
  /// The means of red, green and blue.
  public let mean: [Float]
  /// The deviations of red, green and blue.
  public let std: [Float]
  /// Whether samples are written as they are, one byte each: whoever takes them computes the numbers, by the same
  /// operations in the same order.
  public let isDeferred: Bool
  /// The number for each sample, 256 of them for each of three channels.
  private let numbers: [Float]

  /// A normalisation with the means and deviations of red, green and blue.
  public init(mean: [Double], std: [Double], isDeferred: Bool = false) {
    precondition(mean.count == 3 && std.count == 3, "mean and std need three numbers each")
    precondition(std.allSatisfy { $0 > 0 }, "std must be positive, got \(std)")
    let (mean, std) = (mean.map { Float($0) }, std.map { Float($0) })
    numbers = (0..<3).flatMap { channel in
      (0..<256).map { (Float($0) / 255 - mean[channel]) / std[channel] }
    }
    (self.mean, self.std, self.isDeferred) = (mean, std, isDeferred)
  }

  /// Writes an image's 3 x height x width numbers to `out`, which must have room for them: float32, or uint8 if deferred.
  public func write(_ image: ImageBuffer, mirrored: Bool = false, into out: UnsafeMutableRawPointer) {
    image.pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<image.height {
        write(
          row: pixels.baseAddress! + row * image.width * 3, width: image.width, mirrored: mirrored, into: out,
          at: row * image.width, planeSize: image.width * image.height)
      }
    }
  }

  /// Writes a row of RGB samples to the same row of three planes, optionally from right to left; the row begins at
  /// element `place` of each plane.
  func write(
    row: UnsafePointer<UInt8>, width: Int, mirrored: Bool, into out: UnsafeMutableRawPointer, at place: Int,
    planeSize: Int
  ) {
    if isDeferred {
      let out = out.assumingMemoryBound(to: UInt8.self) + place
      Self.write(row, width, mirrored, out, planeSize) { ($0, $1, $2) }
    } else {
      numbers.withUnsafeBufferPointer { numbers in
        let red = numbers.baseAddress!
        let (green, blue) = (red + 256, red + 512)
        let out = out.assumingMemoryBound(to: Float.self) + place
        Self.write(row, width, mirrored, out, planeSize) { (red[Int($0)], green[Int($1)], blue[Int($2)]) }
      }
    }
  }

  @inline(__always)
  private static func write<Value>(
    _ row: UnsafePointer<UInt8>, _ width: Int, _ mirrored: Bool, _ out: UnsafeMutablePointer<Value>, _ planeSize: Int,
    _ value: (UInt8, UInt8, UInt8) -> (Value, Value, Value)
  ) {
    let step = mirrored ? -1 : 1
    var target = mirrored ? out + width - 1 : out
    var samples = row
    for _ in 0..<width {
      (target[0], target[planeSize], target[2 * planeSize]) = value(samples[0], samples[1], samples[2])
      samples += 3
      target += step
    }
  }
}
