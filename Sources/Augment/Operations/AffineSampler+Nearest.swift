extension AffineSampler {
  /// The nearest pixel, in the arithmetic that Pillow picks: a table of columns where the axes stay apart, 16 bits of
  /// fraction where they suffice, else sums in float64.
  func writeNearest(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    if matrix.b == 0 && matrix.d == 0 {
      writeScaled(width: width, height: height, into: out)
    } else if isFixed(x: 0, y: 0) && isFixed(x: width, y: height) && isFixed(x: 0, y: height) && isFixed(x: width, y: 0)
    {
      writeFixed(width: width, height: height, into: out)
    } else {
      writeSummed(width: width, height: height, into: out)
    }
  }

  private func isFixed(x: Int, y: Int) -> Bool {
    let point = matrix.apply(x: Double(x), y: Double(y))
    return abs(point.x) < 32768 && abs(point.y) < 32768
  }

  private func writeScaled(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    var point = matrix.c + matrix.a * 0.5
    var columns = [Int](repeating: -1, count: width)
    for x in 0..<width {
      if point >= 0 && point < Double(sourceWidth) { columns[x] = Int(point) }
      point += matrix.a
    }
    let first = columns.firstIndex { $0 >= 0 } ?? width
    let last = columns.lastIndex { $0 >= 0 } ?? -1
    point = matrix.f + matrix.e * 0.5
    // Columns that follow one another are copied at once.
    let isShift = first <= last && (first...last).allSatisfy { columns[$0] == columns[first] + $0 - first }
    for y in 0..<height {
      let row = out + y * width * 3
      if point >= 0 && point < Double(sourceHeight) && first <= last {
        let source = samples + Int(point) * sourceWidth * 3
        for x in 0..<first { writeFill(row + 3 * x) }
        if isShift {
          (row + 3 * first).update(from: source + 3 * columns[first], count: 3 * (last - first + 1))
        } else {
          for x in first...last { copy(x: columns[x], y: Int(point), into: row + 3 * x) }
        }
        for x in last + 1..<width { writeFill(row + 3 * x) }
      } else {
        for x in 0..<width { writeFill(row + 3 * x) }
      }
      point += matrix.e
    }
  }

  private func writeFixed(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    func fixed(_ number: Double) -> Int { Int((number * 65536 + 0.5).rounded(.down)) }
    let (stepX, stepY) = (fixed(matrix.a), fixed(matrix.d))
    let (rowX, rowY) = (fixed(matrix.b), fixed(matrix.e))
    var startX = fixed(matrix.c + matrix.a * 0.5 + matrix.b * 0.5)
    var startY = fixed(matrix.f + matrix.d * 0.5 + matrix.e * 0.5)
    let (limitX, limitY) = (UInt(sourceWidth) << 16, UInt(sourceHeight) << 16)
    var target = out
    for _ in 0..<height {
      var (x, y) = (startX, startY)
      for _ in 0..<width {
        if UInt(bitPattern: x) < limitX && UInt(bitPattern: y) < limitY {
          copy(x: x &>> 16, y: y &>> 16, into: target)
        } else {
          writeFill(target)
        }
        x &+= stepX
        y &+= stepY
        target += 3
      }
      startX &+= rowX
      startY &+= rowY
    }
  }

  private func writeSummed(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    var startX = matrix.c + matrix.a * 0.5 + matrix.b * 0.5
    var startY = matrix.f + matrix.d * 0.5 + matrix.e * 0.5
    let (limitX, limitY) = (Double(sourceWidth), Double(sourceHeight))
    var target = out
    for _ in 0..<height {
      var (x, y) = (startX, startY)
      for _ in 0..<width {
        if x >= 0 && x < limitX && y >= 0 && y < limitY {
          copy(x: Int(x), y: Int(y), into: target)
        } else {
          writeFill(target)
        }
        x += matrix.a
        y += matrix.d
        target += 3
      }
      startX += matrix.b
      startY += matrix.e
    }
  }

  /// The nearest pixel of a view in perspective, point by point in float64.
  func writeNearestInPerspective(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    let (limitX, limitY) = (Double(sourceWidth), Double(sourceHeight))
    var target = out
    for row in 0..<height {
      for column in 0..<width {
        let point = matrix.apply(x: Double(column) + 0.5, y: Double(row) + 0.5)
        let divisor = g * (Double(column) + 0.5) + h * (Double(row) + 0.5) + 1
        let (x, y) = (point.x / divisor, point.y / divisor)
        if x >= 0 && x < limitX && y >= 0 && y < limitY {
          copy(x: Int(x), y: Int(y), into: target)
        } else {
          writeFill(target)
        }
        target += 3
      }
    }
  }
}
