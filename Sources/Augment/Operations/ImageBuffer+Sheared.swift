public import Preprocessing

extension ImageBuffer {
  /// Rows moved against each other by `x` columns a row, counted from the upper left corner: Pillow's
  /// `transform(AFFINE, (1, x, 0, 0, 1, 0))`, which is also torchvision's shear about (0, 0). The number must be finite.
  public func sheared(
    x: Double, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(AffineMatrix(1, x, 0, 0, 1, 0), interpolation: interpolation, fill: fill)
  }

  /// Columns moved against each other by `y` rows a column, counted from the upper left corner: Pillow's
  /// `transform(AFFINE, (1, 0, 0, y, 1, 0))`. The number must be finite.
  public func sheared(
    y: Double, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(AffineMatrix(1, 0, 0, y, 1, 0), interpolation: interpolation, fill: fill)
  }
}
