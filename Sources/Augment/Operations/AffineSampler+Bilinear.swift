extension AffineSampler {
  /// The mean of the four nearest pixels, weighted by nearness; the fraction is dropped. Beyond the border its pixels
  /// go on.
  func writeBilinear(width: Int, height: Int, into out: UnsafeMutablePointer<UInt8>) {
    forEachPoint(width: width, height: height, out: out) { x, y, target in
      let (column, row) = (Self.floor(x), Self.floor(y))
      let (partX, partY) = (x - Double(column), y - Double(row))
      let left = max(0, column)
      let right = min(column + 1, sourceWidth - 1)
      let above = samples + max(0, row) * sourceWidth * 3
      let below = samples + min(row + 1, sourceHeight - 1) * sourceWidth * 3
      let aboveLeft = color(above, left)
      let upper = aboveLeft + (color(above, right) - aboveLeft) * partX
      let belowLeft = color(below, left)
      let lower = belowLeft + (color(below, right) - belowLeft) * partX
      let value = upper + (lower - upper) * partY
      target[0] = UInt8(value[0])
      target[1] = UInt8(value[1])
      target[2] = UInt8(value[2])
    }
  }
}
