import Preprocessing

/// The weights of one axis of a resize, in Pillow's fixed point (libImaging/Resample.c): for each output index the first
/// source index, the number of taps and the taps, integers that stand for multiples of 2^-22. Source indices are clamped
/// to the image, whose borders thus weigh no more than any other pixel.
final class ResampleTable: Sendable {
  /// What decides the weights.
  struct Key: Hashable, Sendable {
    var sourceSize: Int
    var from: Double
    var to: Double
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
  let stride: Int
  /// The source indices that are used.
  let source: Range<Int>

  init(_ key: Key) {
    precondition(
      key.sourceSize > 0 && key.outputSize > 0 && !key.window.isEmpty && key.window.lowerBound >= 0
        && key.window.upperBound <= key.outputSize && key.from >= 0 && key.from < key.to
        && key.to <= Double(key.sourceSize),
      "a resize from \(key.from)..\(key.to) of \(key.sourceSize) to \(key.window) of \(key.outputSize) is impossible")
    let taps =
      switch key.interpolation {
      case .nearest: Self.nearest(key)
      case .bilinear: Self.convolution(key, filter: .triangle)
      case .bicubic: Self.convolution(key, filter: .cubic)
      }
    let stride = taps.lazy.map(\.weights.count).max()!
    var weights = [Int32](repeating: 0, count: taps.count * stride)
    for (index, tap) in taps.enumerated() {
      weights.replaceSubrange(index * stride..<index * stride + tap.weights.count, with: tap.weights)
    }
    self.stride = stride
    self.weights = weights
    starts = taps.map { Int32($0.start) }
    counts = taps.map { Int32($0.weights.count) }
    source = taps.map(\.start).min()!..<taps.map { $0.start + $0.weights.count }.max()!
  }

  private typealias Taps = (start: Int, weights: [Int32])

  private static func nearest(_ key: Key) -> [Taps] {
    // Pillow adds the step up, and so do its roundings.
    let step = (key.to - key.from) / Double(key.outputSize)
    var position = key.from + step * 0.5
    var taps: [Taps] = []
    for index in 0..<key.window.upperBound {
      if index >= key.window.lowerBound {
        taps.append((min(Int(position), key.sourceSize - 1), [1 << Int32(precisionBits)]))
      }
      position += step
    }
    return taps
  }

  private static func convolution(_ key: Key, filter: ResampleFilter) -> [Taps] {
    let scale = (key.to - key.from) / Double(key.outputSize)
    let filterScale = max(scale, 1)
    let support = filter.support * filterScale
    let unit = Double(1 << precisionBits)
    return key.window.map { index in
      let center = key.from + (Double(index) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), key.sourceSize)
      var weights = (start..<end).map { filter.weight((Double($0) - center + 0.5) / filterScale) }
      let sum = weights.reduce(0, +)
      for tap in weights.indices where sum != 0 { weights[tap] /= sum }
      return (start, weights.map { Int32(($0 * unit).rounded(.toNearestOrAwayFromZero)) })
    }
  }
}
