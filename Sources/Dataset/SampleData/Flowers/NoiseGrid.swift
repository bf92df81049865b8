// Smooth value noise on a small random grid.

/// A grid of random values in 0...1, read between its points by a smooth step.
struct NoiseGrid {
  private let columns: Int
  private let rows: Int
  private let values: [Float]

  init(columns: Int, rows: Int, random: inout SceneRandom) {
    self.columns = columns
    self.rows = rows
    values = (0..<((columns + 1) * (rows + 1))).map { _ in random.between(0, 1) }
  }

  /// The value at (x, y), both in 0...1.
  @inline(__always)
  func value(_ x: Float, _ y: Float) -> Float {
    let gridX = unit(x) * Float(columns) * 0.999_99
    let gridY = unit(y) * Float(rows) * 0.999_99
    let column = Int(gridX)
    let row = Int(gridY)
    let tx = gridX - Float(column)
    let ty = gridY - Float(row)
    let sx = tx * tx * (3 - 2 * tx)
    let sy = ty * ty * (3 - 2 * ty)
    let index = row * (columns + 1) + column
    let upper = values[index] + (values[index + 1] - values[index]) * sx
    let below = index + columns + 1
    let lower = values[below] + (values[below + 1] - values[below]) * sx
    return upper + (lower - upper) * sy
  }
}
