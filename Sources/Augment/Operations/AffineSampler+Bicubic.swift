extension AffineSampler {
  /// The cubic through the sixteen nearest pixels (a = -1), the fraction dropped and the ends cut to 0 and 255. Beyond
  /// the border its pixels go on.
  func writeBicubic(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    let rowSize = sourceWidth * 3
    forEachPoint(width: width, height: height, out: out) { x, y, target in
      let (column, row) = (Self.floor(x), Self.floor(y))
      let (partX, partY) = (x - Double(column), y - Double(row))
      let lastColumn = sourceWidth - 1
      let columns = (
        max(0, column - 1), max(0, column), min(column + 1, lastColumn), min(column + 2, lastColumn)
      )
      func line(_ row: Int) -> SIMD4<Double> {
        let line = samples + row * rowSize
        return Self.cubic(
          color(line, columns.0), color(line, columns.1), color(line, columns.2), color(line, columns.3), partX)
      }
      let lastRow = sourceHeight - 1
      let value = Self.cubic(
        line(max(0, row - 1)), line(max(0, row)), line(min(row + 1, lastRow)), line(min(row + 2, lastRow)), partY)
      let clamped = value.clamped(lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 255))
      target[0] = UInt8(clamped[0])
      target[1] = UInt8(clamped[1])
      target[2] = UInt8(clamped[2])
    }
  }

  @inline(__always)
  private static func cubic(
    _ v1: SIMD4<Double>, _ v2: SIMD4<Double>, _ v3: SIMD4<Double>, _ v4: SIMD4<Double>, _ t: Double
  ) -> SIMD4<Double> {
    let p2 = v3 - v1
    let p3 = 2 * (v1 - v2) + v3 - v4
    let p4 = v2 - v1 - v3 + v4
    return v2 + t * (p2 + t * (p3 + t * p4))
  }
}
