import CPixels

extension ImageBuffer {
  /// The hue turned by a part of the circle (-0.5 to 0.5), in 8-bit HSV: torchvision's `adjust_hue` of a Pillow image.
  public func hueShifted(by amount: Double) -> ImageBuffer {
    precondition(amount >= -0.5 && amount <= 0.5, "a hue turns by -0.5 to 0.5, got \(amount)")
    let shift = UInt8(truncatingIfNeeded: Int(amount * 255))
    return rewritten { samples, out, count in cpixels_turn_hues(samples, shift, count / 3, out) }
  }
}
