import Preprocessing
import Synchronization

/// The weights of one axis of a resize, in Pillow's fixed point (libImaging/Resample.c): for each output index the first
/// source index, the number of taps and the taps, integers that stand for multiples of 2^-22. Source indices are clamped
/// to the image, whose borders thus weigh no more than any other pixel.
final class ResampleTable: Sendable {
  /// What decides the weights. The borders of the box are float32, as in Pillow.
  struct Key: Hashable, Sendable {
    var sourceSize: Int
    var from: Float
    var to: Float
    var outputSize: Int
    var window: Range<Int>
    var interpolation: Interpolation
  }

  /// 8 bits of a sample and 2 bits of headroom for the cubic's overshoot leave 22 of 32.
  static let precisionBits = 32 - 8 - 2

  /// First source index of each output of the window.
  let starts: [Int32]
  /// Number of taps of each output.
  let counts: [Int32]
  /// Taps, `stride` for each output, zero beyond its count.
  let weights: [Int32]
  /// The largest number of taps, rounded up to a multiple of 4.
  let stride: Int
  /// The source indices that are used.
  let source: Range<Int>

  init(_ key: Key) {
    precondition(
      key.sourceSize > 0 && key.outputSize > 0 && !key.window.isEmpty && key.window.lowerBound >= 0
        && key.window.upperBound <= key.outputSize && key.from >= 0 && key.from < key.to
        && key.to <= Float(key.sourceSize),
      "a resize from \(key.from)..\(key.to) of \(key.sourceSize) to \(key.window) of \(key.outputSize) is impossible")
    let taps: Taps
    switch key.interpolation {
    case .nearest: taps = Self.nearest(key)
    case .bilinear: taps = Self.convolution(key, filter: .triangle)
    case .bicubic: taps = Self.convolution(key, filter: .cubic)
    case .box: taps = Self.convolution(key, filter: .box)
    case .hamming: taps = Self.convolution(key, filter: .hamming)
    case .lanczos: taps = Self.convolution(key, filter: .lanczos)
    }
    (starts, counts, weights, stride) = (taps.starts, taps.counts, taps.weights, taps.stride)
    source =
      taps.starts.lazy.map(Int.init).min()!..<zip(taps.starts, taps.counts).lazy.map { Int($0) + Int($1) }.max()!
  }

  private struct Taps {
    var starts: [Int32] = []
    var counts: [Int32] = []
    var weights: [Int32]
    var stride: Int

    init(numOutputs: Int, maxTaps: Int) {
      stride = (maxTaps + 3) / 4 * 4
      weights = [Int32](repeating: 0, count: numOutputs * stride)
      starts.reserveCapacity(numOutputs)
      counts.reserveCapacity(numOutputs)
    }
  }

  private static func nearest(_ key: Key) -> Taps {
    // Pillow adds the step up, and so do its roundings.
    let step = Double(key.to - key.from) / Double(key.outputSize)
    var position = Double(key.from) + step * 0.5
    var taps = Taps(numOutputs: key.window.count, maxTaps: 1)
    for index in 0..<key.window.upperBound {
      if index >= key.window.lowerBound {
        taps.weights[taps.starts.count * taps.stride] = 1 << Int32(precisionBits)
        taps.starts.append(Int32(min(Int(position), key.sourceSize - 1)))
        taps.counts.append(1)
      }
      position += step
    }
    return taps
  }

  private static func convolution(_ key: Key, filter: ResampleFilter) -> Taps {
    let scale = Double(key.to - key.from) / Double(key.outputSize)
    let filterScale = max(scale, 1)
    let inverseScale = 1 / filterScale
    let support = filter.support * filterScale
    let unit = Double(1 << precisionBits)
    let maxTaps = min(Int(support.rounded(.up)) * 2 + 1, key.sourceSize)
    var taps = Taps(numOutputs: key.window.count, maxTaps: maxTaps)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: maxTaps) { exact in
      for (row, index) in key.window.enumerated() {
        let center = Double(key.from) + (Double(index) + 0.5) * scale
        let start = max(Int(center - support + 0.5), 0)
        let count = min(Int(center + support + 0.5), key.sourceSize) - start
        var sum = 0.0
        for tap in 0..<count {
          let weight = filter.weight((Double(tap + start) - center + 0.5) * inverseScale)
          exact[tap] = weight
          sum += weight
        }
        for tap in 0..<count {
          let weight = (sum == 0 ? exact[tap] : exact[tap] / sum) * unit
          taps.weights[row * taps.stride + tap] = Int32(weight < 0 ? weight - 0.5 : weight + 0.5)
        }
        taps.starts.append(Int32(start))
        taps.counts.append(Int32(count))
      }
    }
    return taps
  }
}

/// The tables of the last few kinds of resize: whole data sets have few sizes of image.
final class ResampleTableCache: Sendable {
  static let shared = ResampleTableCache()

  private static let capacity = 64
  private let tables = Mutex<[ResampleTable.Key: ResampleTable]>([:])

  /// The table for a key, computed outside of the lock where it is missing.
  func table(_ key: ResampleTable.Key) -> ResampleTable {
    if let table = tables.withLock({ $0[key] }) { return table }
    let table = ResampleTable(key)
    tables.withLock { tables in
      if tables.count >= Self.capacity { tables.removeAll(keepingCapacity: true) }
      tables[key] = table
    }
    return table
  }
}
