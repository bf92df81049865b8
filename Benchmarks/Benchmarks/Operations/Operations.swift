import Augment
import Benchmark
import Preprocessing

// Every image operation on one image of 224x224; scripts/bench/peer_operations.py measures Pillow's on the same image.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .throughput], maxDuration: .seconds(1))

  let image = ImageBuffer(
    width: 224, height: 224,
    pixels: (0..<224 * 224 * 3).map { index in
      let (x, y) = (index / 3 % 224, index / 672)
      return UInt8((x / 2 + y / 3 + (x * 7 ^ y * 13) % 48 + index % 3 * 20) % 256)
    })

  func measure(_ name: String, _ operation: @escaping @Sendable (ImageBuffer) -> ImageBuffer) {
    Benchmark(name) { benchmark in
      for _ in benchmark.scaledIterations { blackHole(operation(image)) }
    }
  }

  measure("AutoContrast") { $0.autoContrast() }
  measure("Brightness") { $0.brightness(1.3) }
  measure("Color") { $0.color(1.3) }
  measure("Contrast") { $0.contrast(1.3) }
  measure("Equalize") { $0.equalized() }
  measure("GaussianBlur") { $0.gaussianBlurred(radius: 1.5) }
  measure("Grayscale") { $0.grayscale() }
  measure("Hue") { $0.hueShifted(by: 0.1) }
  measure("Invert") { $0.inverted() }
  measure("Posterize") { $0.posterized(bits: 4) }
  measure("Sharpness") { $0.sharpness(1.3) }
  measure("Solarize") { $0.solarized(threshold: 100) }
  for interpolation in [Interpolation.nearest, .bilinear, .bicubic] {
    measure("Rotate, \(interpolation)") { $0.rotated(degrees: 17, interpolation: interpolation) }
    measure("ShearX, \(interpolation)") { $0.sheared(x: 0.2, interpolation: interpolation) }
    measure("TranslateX, \(interpolation)") { $0.translated(x: -20.5, interpolation: interpolation) }
  }
}
