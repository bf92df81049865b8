import CResample
import Foundation
import KeyedRandom
import Testing

/// Every implementation of the inner loops gives the same bits, and reads nothing behind its input. The portable loops
/// are held against plain sums, the processor's own against the portable ones.
@Suite struct ResampleKernelTests {
  static let chosen = String(cString: cresample_implementation())
  static let onlyPortable: Comment = "this processor runs the portable loops, which would be compared with themselves"

  /// A random resize of columns.
  private struct Columns {
    typealias Kernel = (
      UnsafePointer<cresample_columns>, UnsafePointer<UInt8>, Int, Int, UnsafePointer<UInt8>,
      UnsafeMutablePointer<UInt8>
    ) -> Void

    let (width, numRows): (Int, Int)
    let (numOutputs, stride, origin): (Int, Int, Int)
    let rows: [UInt8]
    var (starts, counts): ([Int32], [Int32]) = ([], [])
    var weights: [Int32]

    init(_ random: inout KeyedRandom) {
      (width, numRows) = (1 + random.integer(below: 60), 1 + random.integer(below: 9))
      (numOutputs, stride) = (1 + random.integer(below: 40), 4 * (1 + random.integer(below: 5)))
      origin = random.integer(below: 100)
      // The bytes lie at the end of their memory, so that a tool that watches memory sees a read behind it.
      rows = (0..<width * numRows * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      weights = [Int32](repeating: 0, count: numOutputs * stride)
      for output in 0..<numOutputs {
        let start = random.integer(below: width)
        let count = 1 + random.integer(below: min(stride, width - start))
        starts.append(Int32(origin + start))
        counts.append(Int32(count))
        for tap in 0..<count {
          weights[output * stride + tap] = Int32((random.uniform() * 1.4 - 0.4) * Double(1 << 22) / Double(count))
        }
      }
    }

    /// What a kernel makes of it, and eight bytes that it must leave at 77.
    func run(_ kernel: Kernel) -> [UInt8] {
      var out = [UInt8](repeating: 77, count: numOutputs * numRows * 3 + 8)
      var columns = cresample_columns(
        starts: nil, counts: nil, weights: nil, stride: stride, num_outputs: numOutputs, origin: Int32(origin))
      starts.withUnsafeBufferPointer { starts in
        counts.withUnsafeBufferPointer { counts in
          weights.withUnsafeBufferPointer { weights in
            rows.withUnsafeBufferPointer { rows in
              (columns.starts, columns.counts) = (starts.baseAddress, counts.baseAddress)
              columns.weights = weights.baseAddress
              kernel(&columns, rows.baseAddress!, width * 3, numRows, rows.baseAddress! + rows.count, &out)
            }
          }
        }
      }
      return out
    }

    /// The same by plain sums.
    var exact: [UInt8] {
      var out: [UInt8] = []
      for row in 0..<numRows {
        for output in 0..<numOutputs {
          for channel in 0..<3 {
            let sum = (0..<Int(counts[output])).reduce(0) { sum, tap in
              let pixel = row * width + Int(starts[output]) - origin + tap
              return sum + Int(rows[pixel * 3 + channel]) * Int(weights[output * stride + tap])
            }
            out.append(ResampleKernelTests.rounded(sum))
          }
        }
      }
      return out + [UInt8](repeating: 77, count: 8)
    }
  }

  /// A random sum of rows.
  private struct Rows {
    let (numBytes, count): (Int, Int)
    let rows: [UInt8]
    let weights: [Int32]

    init(_ random: inout KeyedRandom) {
      let (numBytes, count) = (1 + random.integer(below: 150), 1 + random.integer(below: 20))
      rows = (0..<numBytes * count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      weights = (0..<count).map { _ in Int32((random.uniform() * 1.4 - 0.4) * Double(1 << 22) / Double(count)) }
      (self.numBytes, self.count) = (numBytes, count)
    }

    func run(
      _ kernel: (UnsafePointer<Int32>, Int, UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt8>) -> Void
    ) -> [UInt8] {
      var out = [UInt8](repeating: 77, count: numBytes + 8)
      kernel(weights, count, rows, numBytes, numBytes, &out)
      return out
    }

    var exact: [UInt8] {
      (0..<numBytes).map { byte in
        ResampleKernelTests.rounded((0..<count).reduce(0) { $0 + Int(rows[$1 * numBytes + byte]) * Int(weights[$1]) })
      } + [UInt8](repeating: 77, count: 8)
    }
  }

  private static func rounded(_ sum: Int) -> UInt8 { UInt8(max(0, min(255, (sum + (1 << 21)) >> 22))) }

  @Test func portableColumnsAreExact() {
    var random = KeyedRandom(seed: 51)
    var numNoticed = 0
    for _ in 0..<200 {
      var columns = Columns(&random)
      let portable = columns.run(cresample_horizontal_portable)
      #expect(portable == columns.exact)
      columns.weights[0] &+= 1 << 20
      if columns.run(cresample_horizontal_portable) != portable { numNoticed += 1 }
    }
    // A changed weight shows wherever the sum wasn't clamped.
    #expect(numNoticed > 150)
  }

  @Test(.enabled(if: chosen != "portable", onlyPortable)) func columnsAgree() {
    var random = KeyedRandom(seed: 52)
    for _ in 0..<200 {
      let columns = Columns(&random)
      #expect(columns.run(cresample_horizontal) == columns.run(cresample_horizontal_portable))
    }
  }

  @Test func portableRowsAreExact() {
    var random = KeyedRandom(seed: 53)
    for _ in 0..<200 {
      let rows = Rows(&random)
      #expect(rows.run(cresample_vertical_portable) == rows.exact)
    }
  }

  @Test(.enabled(if: chosen != "portable", onlyPortable)) func rowsAgree() {
    var random = KeyedRandom(seed: 54)
    for _ in 0..<200 {
      let rows = Rows(&random)
      #expect(rows.run(cresample_vertical) == rows.run(cresample_vertical_portable))
    }
  }

  /// A processor with AVX2 runs the loops for it: they are not left aside unnoticed.
  @Test func theProcessorsOwnLoopsAreChosen() throws {
    #if arch(x86_64) && os(Linux)
      let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let flags = try #require(processor.split(separator: "\n").first { $0.hasPrefix("flags") })
      #expect(Self.chosen == (flags.split(separator: " ").contains("avx2") ? "avx2" : "portable"))
    #else
      #expect(Self.chosen == "portable")
    #endif
  }
}
