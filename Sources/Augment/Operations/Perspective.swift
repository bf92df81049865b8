public import Preprocessing

/// Where each pixel of an image seen in perspective comes from: the output's point (x, y) shows the input's point
/// ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)), in pixels from the upper left corner, as
/// Pillow's `transform(PERSPECTIVE)` has it.
public struct PerspectiveMatrix: Sendable, Equatable {
  /// The numerators: a to f.
  public var numerators: AffineMatrix
  /// The two numbers of the denominator.
  public var g, h: Double

  /// A matrix from its eight numbers.
  public init(numerators: AffineMatrix, g: Double, h: Double) {
    self.numerators = numerators
    (self.g, self.h) = (g, h)
  }

  /// The view in which four points of the input, `start`, come to lie at `end`: torchvision's `_get_perspective_coeffs`.
  /// Its numbers are float32, as there, but that what is less than 1e-12 is taken for a rounding error of 0. Nil where
  /// there is none: three of the points lie on one line, or the output's first point on the horizon.
  public init?(from start: [SIMD2<Int>], to end: [SIMD2<Int>]) {
    precondition(start.count == 4 && end.count == 4, "a view has four corners, got \(start) and \(end)")
    guard !Self.isFlat(start), !Self.isFlat(end) else { return nil }
    // Eight equations: a row of coefficients each, the right side last.
    let equations = zip(start, end).flatMap { start, end -> [[Double]] in
      let (u, v, x, y) = (Double(start.x), Double(start.y), Double(end.x), Double(end.y))
      return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    }
    guard let solution = Self.solve(equations) else { return nil }
    let n = solution.map { abs($0) < 1e-12 ? 0 : Double(Float($0)) }
    guard n.allSatisfy(\.isFinite) else { return nil }
    self.init(numerators: AffineMatrix(n[0], n[1], n[2], n[3], n[4], n[5]), g: n[6], h: n[7])
  }

  /// Whether three of four points lie on one line.
  private static func isFlat(_ points: [SIMD2<Int>]) -> Bool {
    (0..<4).contains { first in
      let (a, b) = (points[(first + 1) % 4] &- points[first], points[(first + 2) % 4] &- points[first])
      return a.x * b.y == a.y * b.x
    }
  }

  /// Gauss's elimination with the largest pivot of each column.
  private static func solve(_ equations: [[Double]]) -> [Double]? {
    var rows = equations
    for column in rows.indices {
      let pivot = rows.indices[column...].max { abs(rows[$0][column]) < abs(rows[$1][column]) }!
      rows.swapAt(column, pivot)
      guard rows[column][column] != 0 else { return nil }
      for row in rows.indices where row > column {
        let factor = rows[row][column] / rows[column][column]
        for index in column...rows.count { rows[row][index] -= factor * rows[column][index] }
      }
    }
    var solution = [Double](repeating: 0, count: rows.count)
    for row in rows.indices.reversed() {
      let known = rows.indices[(row + 1)...].reduce(0) { $0 + rows[row][$1] * solution[$1] }
      solution[row] = (rows[row][rows.count] - known) / rows[row][row]
    }
    return solution
  }
}

extension ImageBuffer {
  /// An image of the same size, each pixel of which shows the point of this one that the matrix names: Pillow's
  /// `transform(size, PERSPECTIVE, matrix, interpolation, fillcolor=fill)`. Pixels whose point lies outside get `fill`.
  /// Nothing is antialiased; `interpolation` must be nearest, bilinear or bicubic.
  public func perspective(
    _ matrix: PerspectiveMatrix, interpolation: Interpolation = .bilinear, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    precondition(interpolation.isPointwise, "\(interpolation) does not interpolate between pixels")
    return pixels.withUnsafeBufferPointer { samples in
      let sampler = AffineSampler(
        samples: samples.baseAddress!, sourceWidth: width, sourceHeight: height, matrix: matrix.numerators,
        g: matrix.g, h: matrix.h, fill: fill)
      return ImageBuffer(width: width, height: height) { out in
        let out = out.baseAddress!
        if interpolation == .nearest {
          sampler.writeNearestInPerspective(width: width, height: height, into: out)
        } else {
          sampler.writeInterpolated(isCubic: interpolation == .bicubic, width: width, height: height, into: out)
        }
      }
    }
  }
}
