/// The inner loops of a resize, over 8-bit samples with 32-bit sums. Written over pointers: they are where a loader
/// spends its time after decoding.
enum ResampleKernels {
  private static let half = Int32(1) << Int32(ResampleTable.precisionBits - 1)

  @inline(__always)
  private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, sum >> Int32(ResampleTable.precisionBits))))
  }

  /// One row of RGB pixels, the first of which has the index `origin`, to one row of outputs.
  static func horizontal(
    _ row: UnsafePointer<UInt8>, _ table: ResampleTable, origin: Int, into out: UnsafeMutablePointer<UInt8>
  ) {
    table.starts.withUnsafeBufferPointer { starts in
      table.counts.withUnsafeBufferPointer { counts in
        table.weights.withUnsafeBufferPointer { weights in
          var target = out
          var taps = weights.baseAddress!
          for index in 0..<starts.count {
            var pixel = row + (Int(starts[index]) - origin) * 3
            var (red, green, blue) = (half, half, half)
            for tap in 0..<Int(counts[index]) {
              let weight = taps[tap]
              red &+= Int32(pixel[0]) &* weight
              green &+= Int32(pixel[1]) &* weight
              blue &+= Int32(pixel[2]) &* weight
              pixel += 3
            }
            target[0] = rounded(red)
            target[1] = rounded(green)
            target[2] = rounded(blue)
            target += 3
            taps += table.stride
          }
        }
      }
    }
  }

  /// The rows under the taps of one output row, from `first` on, to that row.
  static func vertical(
    _ first: UnsafePointer<UInt8>, stride: Int, _ table: ResampleTable, row: Int,
    into out: UnsafeMutableBufferPointer<UInt8>
  ) {
    let target = out.baseAddress!
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: out.count) { buffer in
      let sums = buffer.baseAddress!
      for index in 0..<out.count { sums[index] = half }
      for tap in 0..<Int(table.counts[row]) {
        let weight = table.weights[row * table.stride + tap]
        let samples = first + tap * stride
        for index in 0..<out.count { sums[index] &+= Int32(samples[index]) &* weight }
      }
      for index in 0..<out.count { target[index] = rounded(sums[index]) }
    }
  }
}
