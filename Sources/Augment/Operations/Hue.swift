import CPixels
public import Settings

/// The hue turned by a part of the circle: torchvision's `adjust_hue`.
public struct Hue: PixelTransform {
  /// The part of the circle, -0.5 to 0.5.
  public var amount = 0.0
  /// How often.
  public var probability = 1.0

  /// The defaults.
  public init() {}

  /// Reports numbers that make no sense.
  public func check(_ issues: inout IssueCollector) { issues.check("amount", amount, in: -0.5...0.5) }

  /// The changed image.
  public func changed(_ image: ImageBuffer) -> ImageBuffer { image.hueShifted(by: amount) }
}

extension ImageBuffer {
  /// The hue turned by a part of the circle (-0.5 to 0.5), in 8-bit HSV: torchvision's `adjust_hue` of a Pillow image.
  public func hueShifted(by amount: Double) -> ImageBuffer {
    precondition(amount >= -0.5 && amount <= 0.5, "a hue turns by -0.5 to 0.5, got \(amount)")
    let shift = UInt8(truncatingIfNeeded: Int(amount * 255))
    return rewritten { samples, out, count in cpixels_turn_hues(samples, shift, count / 3, out) }
  }
}
