/// How often each of the 256 values occurs in each channel of an image.
struct Histogram {
  /// 256 counts for each of red, green and blue.
  let channels: [[Int]]

  /// Counts the samples of an image.
  init(_ image: ImageBuffer) {
    let counts = [UInt32](unsafeUninitializedCapacity: 6 * 256) { counts, initializedCount in
      counts.initialize(repeating: 0)
      initializedCount = counts.count
      image.pixels.withUnsafeBufferPointer { samples in
        let even = counts.baseAddress!
        let odd = even + 768
        let (numPixels, samples) = (image.width * image.height, samples.baseAddress!)
        // Neighbours are often equal, and a count that was just written is slow to read: they get tables of their own.
        for pixel in stride(from: 0, to: numPixels & ~1, by: 2) {
          let index = 3 * pixel
          even[Int(samples[index])] &+= 1
          even[256 + Int(samples[index + 1])] &+= 1
          even[512 + Int(samples[index + 2])] &+= 1
          odd[Int(samples[index + 3])] &+= 1
          odd[256 + Int(samples[index + 4])] &+= 1
          odd[512 + Int(samples[index + 5])] &+= 1
        }
        if numPixels % 2 == 1 {
          for channel in 0..<3 { even[256 * channel + Int(samples[3 * (numPixels - 1) + channel])] &+= 1 }
        }
      }
    }
    channels = (0..<3).map { channel in
      (0..<256).map { Int(counts[256 * channel + $0]) + Int(counts[768 + 256 * channel + $0]) }
    }
  }
}
