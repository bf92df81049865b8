// Softening and enlarging: what puts a backdrop out of focus.

extension PaintCanvas {
  /// Blurs by two passes of a box of `2 * radius + 1` pixels along each side; the border repeats its last pixel.
  func blur(radius: Int) {
    guard radius > 0 else { return }
    var line = [SIMD4<Float>](repeating: .zero, count: max(width, height))
    for _ in 0..<2 {
      for row in 0..<height {
        boxPass(start: row * width, stride: 1, count: width, radius: radius, line: &line)
      }
      for column in 0..<width {
        boxPass(start: column, stride: width, count: height, radius: radius, line: &line)
      }
    }
  }

  private func boxPass(start: Int, stride: Int, count: Int, radius: Int, line: inout [SIMD4<Float>]) {
    guard let base = pixels.baseAddress else { return }
    for index in 0..<count { line[index] = base[start + index * stride] }
    let scale = 1 / Float(2 * radius + 1)
    var sum = line[0] * Float(radius)
    for index in 0...radius { sum += line[min(index, count - 1)] }
    for index in 0..<count {
      base[start + index * stride] = sum * scale
      sum += line[min(index + radius + 1, count - 1)] - line[max(index - radius, 0)]
    }
  }

  /// Softens by a 3x3 kernel: `amount` 0 leaves the picture as it is, 1 is a full (1, 2, 1) kernel.
  func soften(amount: Float) {
    guard amount > 0, width > 2, height > 2, let base = pixels.baseAddress else { return }
    let side = 0.25 * amount
    let middle = 1 - 2 * side
    for row in 0..<height {
      let line = base + row * width
      var previous = line[0]
      for column in 1..<(width - 1) {
        let here = line[column]
        line[column] = here * middle + (previous + line[column + 1]) * side
        previous = here
      }
    }
    var above = [SIMD4<Float>](UnsafeBufferPointer(start: base, count: width))
    for row in 1..<(height - 1) {
      let line = base + row * width
      for column in 0..<width {
        let here = line[column]
        line[column] = here * middle + (above[column] + line[column + width]) * side
        above[column] = here
      }
    }
  }

  /// This picture at another size, bilinear.
  func enlarged(width newWidth: Int, height newHeight: Int) -> PaintCanvas {
    let result = PaintCanvas(width: newWidth, height: newHeight)
    guard let source = pixels.baseAddress, let target = result.pixels.baseAddress else { return result }
    let scaleX = Float(width) / Float(newWidth)
    let scaleY = Float(height) / Float(newHeight)
    for row in 0..<newHeight {
      let y = max((Float(row) + 0.5) * scaleY - 0.5, 0)
      let top = min(Int(y), height - 1)
      let fractionY = y - Float(top)
      let upper = source + top * width
      let lower = source + min(top + 1, height - 1) * width
      for column in 0..<newWidth {
        let x = max((Float(column) + 0.5) * scaleX - 0.5, 0)
        let left = min(Int(x), width - 1)
        let right = min(left + 1, width - 1)
        let fractionX = x - Float(left)
        let above = upper[left].mixed(with: upper[right], fractionX)
        let below = lower[left].mixed(with: lower[right], fractionX)
        target[row * newWidth + column] = above.mixed(with: below, fractionY)
      }
    }
    return result
  }
}
