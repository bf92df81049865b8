import CResample
import KeyedRandom
import Testing

/// Every implementation of the inner loops gives the same bits, and reads nothing behind its input.
@Suite struct ResampleKernelTests {
  @Test func columnsAgree() {
    var random = KeyedRandom(seed: 51)
    var numNoticed = 0
    for _ in 0..<200 {
      let (width, numRows) = (1 + random.integer(below: 60), 1 + random.integer(below: 9))
      let (numOutputs, stride) = (1 + random.integer(below: 40), 4 * (1 + random.integer(below: 5)))
      let origin = random.integer(below: 100)
      // The bytes lie at the end of their memory, so that a tool that watches memory sees a read behind it.
      let rows = (0..<width * numRows * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var (starts, counts): ([Int32], [Int32]) = ([], [])
      var weights = [Int32](repeating: 0, count: numOutputs * stride)
      for output in 0..<numOutputs {
        let start = random.integer(below: width)
        let count = 1 + random.integer(below: min(stride, width - start))
        starts.append(Int32(origin + start))
        counts.append(Int32(count))
        for tap in 0..<count {
          weights[output * stride + tap] = Int32((random.uniform() * 1.4 - 0.4) * Double(1 << 22) / Double(count))
        }
      }
      func run(
        _ kernel: (
          UnsafePointer<cresample_columns>, UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>
        ) -> Void
      ) -> [UInt8] {
        var out = [UInt8](repeating: 77, count: numOutputs * numRows * 3 + 8)
        var columns = cresample_columns(
          starts: nil, counts: nil, weights: nil, stride: stride, num_outputs: numOutputs, origin: Int32(origin))
        starts.withUnsafeBufferPointer { starts in
          counts.withUnsafeBufferPointer { counts in
            weights.withUnsafeBufferPointer { weights in
              rows.withUnsafeBufferPointer { rows in
                (columns.starts, columns.counts) = (starts.baseAddress, counts.baseAddress)
                columns.weights = weights.baseAddress
                kernel(&columns, rows.baseAddress!, rows.baseAddress! + rows.count, &out)
              }
            }
          }
        }
        return out
      }
      let portable = run { cresample_horizontal_portable($0, $1, width * 3, numRows, $2, $3) }
      #expect(run { cresample_horizontal($0, $1, width * 3, numRows, $2, $3) } == portable)
      #expect(portable.suffix(8).allSatisfy { $0 == 77 })
      weights[0] &+= 1 << 20
      if run({ cresample_horizontal($0, $1, width * 3, numRows, $2, $3) }) != portable { numNoticed += 1 }
    }
    // A changed weight shows wherever the sum wasn't clamped.
    #expect(numNoticed > 150)
  }

  @Test func rowsAgree() {
    var random = KeyedRandom(seed: 52)
    for _ in 0..<200 {
      let (numBytes, count) = (1 + random.integer(below: 150), 1 + random.integer(below: 20))
      let rows = (0..<numBytes * count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let weights = (0..<count).map { _ in
        Int32((random.uniform() * 1.4 - 0.4) * Double(1 << 22) / Double(count))
      }
      var portable = [UInt8](repeating: 77, count: numBytes + 8)
      var chosen = portable
      cresample_vertical_portable(weights, count, rows, numBytes, numBytes, &portable)
      cresample_vertical(weights, count, rows, numBytes, numBytes, &chosen)
      #expect(chosen == portable)
      #expect(portable.suffix(8).allSatisfy { $0 == 77 })
      let exact = (0..<numBytes).map { byte in
        (0..<count).reduce(0) { $0 + Int(rows[$1 * numBytes + byte]) * Int(weights[$1]) }
      }
      #expect(portable.prefix(numBytes).elementsEqual(exact.map { UInt8(max(0, min(255, ($0 + (1 << 21)) >> 22))) }))
    }
  }

  @Test func theImplementationHasAName() {
    #expect(["avx2", "portable"].contains(String(cString: cresample_implementation())))
  }
}
