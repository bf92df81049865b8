/// A new value for each of the 256 values of a sample, of each channel: Pillow's `Image.point`.
struct LookupTable {
  /// 256 entries for red, then for green, then for blue.
  private let entries: [UInt8]

  /// The same table for every channel.
  init(_ value: (UInt8) -> UInt8) {
    let table = (0...255).map { value(UInt8($0)) }
    entries = table + table + table
  }

  /// A table of 256 entries for each of three channels.
  init(channels: [[UInt8]]) {
    precondition(channels.count == 3 && channels.allSatisfy { $0.count == 256 }, "a table needs 3 x 256 entries")
    entries = channels.flatMap { $0 }
  }

  /// The image with every sample replaced.
  func apply(_ image: ImageBuffer) -> ImageBuffer {
    entries.withUnsafeBufferPointer { entries in
      let red = entries.baseAddress!
      let (green, blue) = (red + 256, red + 512)
      return image.rewritten { samples, out, count in
        for index in stride(from: 0, to: count, by: 3) {
          out[index] = red[Int(samples[index])]
          out[index + 1] = green[Int(samples[index + 1])]
          out[index + 2] = blue[Int(samples[index + 2])]
        }
      }
    }
  }
}
