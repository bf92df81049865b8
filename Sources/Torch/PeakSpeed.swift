// What a device can do at best, in floating-point operations a second: what a model's speed is measured against.

import Synchronization

/// The speed of dense matrix products at their best: the maker's figure for a GPU, a measurement for a processor.
public enum PeakSpeed {
  /// The figures of a GPU in TFLOP/s, without sparsity. `float32` is that of the plain units, which libtorch uses unless
  /// told otherwise; the 16-bit ones are those of the tensor cores, with sums in float32.
  struct Published {
    /// Words of the name, which must all be there.
    let words: Set<Substring>
    let float32: Double
    var bfloat16: Double?
    var float16: Double?

    init(_ words: String, float32: Double, bfloat16: Double? = nil, float16: Double? = nil) {
      self.words = Set(words.split(separator: " "))
      self.float32 = float32
      self.bfloat16 = bfloat16
      self.float16 = float16 ?? bfloat16
    }
  }

  /// NVIDIA's data sheets and architecture white papers. Of several rows that fit, the one with most words counts.
  static let published = [
    Published("V100 SXM2", float32: 15.7, float16: 125), Published("V100 SXM3", float32: 15.7, float16: 125),
    Published("V100 PCIE", float32: 14, float16: 112),
    Published("T4", float32: 8.1, float16: 65),
    Published("A10", float32: 31.2, bfloat16: 125), Published("A30", float32: 10.3, bfloat16: 165),
    Published("A40", float32: 37.4, bfloat16: 149.7), Published("A100", float32: 19.5, bfloat16: 312),
    Published("L4", float32: 30.3, bfloat16: 121), Published("L40", float32: 90.5, bfloat16: 181),
    Published("L40S", float32: 91.6, bfloat16: 362),
    Published("H100 HBM3", float32: 67, bfloat16: 989), Published("H100 PCIe", float32: 51, bfloat16: 756),
    Published("H100 NVL", float32: 60, bfloat16: 835),
    Published("H200", float32: 67, bfloat16: 989), Published("H200 NVL", float32: 60, bfloat16: 835),
    Published("RTX 3090", float32: 35.6, bfloat16: 71), Published("RTX 4080", float32: 48.7, bfloat16: 97.5),
    Published("RTX 4090", float32: 82.6, bfloat16: 165.2),
  ]

  /// Words that make another device of a name: a part of one, or a variant with figures of its own.
  private static let otherDevices: Set<Substring> = ["MIG", "GRID", "Laptop", "Max", "D", "Ti", "SUPER"]

  /// The published peak of a GPU by its name, in FLOP/s; nil for one that is not in the table, or has no such units.
  public static func published(gpu name: String, for dtype: DType) -> Double? {
    let words = Set(name.split { !$0.isLetter && !$0.isNumber })
    guard words.isDisjoint(with: otherDevices) else { return nil }
    let fitting = published.filter { $0.words.isSubset(of: words) }
    guard let row = fitting.max(by: { $0.words.count < $1.words.count }) else { return nil }
    let teraflops: Double? =
      switch dtype {
      case .float32: row.float32
      case .bfloat16: row.bfloat16
      case .float16: row.float16
      default: nil
      }
    return teraflops.map { $0 * 1e12 }
  }

  /// The FLOP/s of products of two square matrices on the CPU, with the threads and the backend in force: the best of
  /// several within a quarter of a second.
  public static func measured(for dtype: DType) -> Double {
    withoutGrad {
      let size = 1024
      let x = Tensor.full([size, size], 0.5).to(dtype)
      let weight = Tensor.full([size, size], 0.25).to(dtype)
      let clock = ContinuousClock()
      let start = clock.now
      var best = Duration.seconds(1 << 20)
      var numPasses = 0
      repeat {
        best = min(best, clock.measure { _ = x.linear(weight) })
        numPasses += 1
      } while numPasses < 2 || (numPasses < 16 && clock.now - start < .milliseconds(150))
      let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
      return 2 * Double(size * size * size) / max(seconds, 1e-9)
    }
  }

  /// The peak of a device for products in a dtype: for the CPU `measured`, once for each dtype, number of threads and
  /// backend in a process; for a GPU the published one, or nil.
  public static func of(_ device: Device, for dtype: DType) -> Double? {
    guard device == .cpu else { return device.name.flatMap { published(gpu: $0, for: dtype) } }
    let key = "\(dtype) \(Runtime.numThreads) \(MatmulBackend.current)"
    if let known = measurements.withLock({ $0[key] }) { return known }
    let speed = measured(for: dtype)
    measurements.withLock { $0[key] = speed }
    return speed
  }

  private static let measurements = Mutex<[String: Double]>([:])
}
