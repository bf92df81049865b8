public import Preprocessing

extension ImageBuffer {
  /// Moved to the right by `x` pixels and down by `y`, as torchvision's `affine(translate=)`. timm's operations
  /// `translate_x_abs` and `translate_y_abs` move the other way: give them the negative. The numbers must be finite.
  public func translated(
    x: Double = 0, y: Double = 0, interpolation: Interpolation = .nearest, fill: (UInt8, UInt8, UInt8) = (0, 0, 0)
  ) -> ImageBuffer {
    affine(AffineMatrix(1, 0, -x, 0, 1, -y), interpolation: interpolation, fill: fill)
  }
}
