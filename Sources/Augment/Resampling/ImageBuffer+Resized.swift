public import Preprocessing

extension ImageBuffer {
  /// The image (or a box of it, in source coordinates) resized, as Pillow 13's `resize(size, resample, box)` does it:
  /// see ``ResamplePlan``.
  public func resized(
    width: Int, height: Int, interpolation: Interpolation, box: ResampleBox? = nil
  ) -> ImageBuffer {
    let plan = ResamplePlan(
      sourceWidth: self.width, sourceHeight: self.height, box: box, width: width, height: height,
      interpolation: interpolation)
    return plan.apply(self, origin: (0, 0))
  }
}
