import Augment
import Benchmark
import Dataset
import Preprocessing

// One photograph-sized JPEG on its way to a training sample: the whole, the crop alone, and the resampling after it.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .throughput], maxDuration: .seconds(3))

  // Smooth colours with some detail, so that the file is about as large as a photograph of its size.
  let image = ImageBuffer(
    width: 500, height: 375,
    pixels: (0..<500 * 375 * 3).map { index in
      let (x, y) = (index / 3 % 500, index / 1500)
      return UInt8((x / 2 + y / 3 + (x * 7 ^ y * 13) % 48 + index % 3 * 20) % 256)
    })
  let crop = PixelRect(x: 120, y: 80, width: 260, height: 220)

  Benchmark("JPEG 500x375, whole") { benchmark in
    let bytes = try JPEGEncoder().encode(image)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(try ImageDecoder().decode(bytes)) }
  }

  Benchmark("JPEG 500x375, a crop of 260x220") { benchmark in
    let bytes = try JPEGEncoder().encode(image)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(try ImageDecoder().decode(bytes, crop: crop)) }
  }

  Benchmark("bicubic 260x220 to 224x224") { benchmark in
    let part = image.cropped(to: crop)
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
      blackHole(part.resized(width: 224, height: 224, interpolation: .bicubic))
    }
  }
}
