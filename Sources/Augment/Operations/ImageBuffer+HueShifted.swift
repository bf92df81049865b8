extension ImageBuffer {
  /// The hue turned by a part of the circle (-0.5 to 0.5), in 8-bit HSV: torchvision's `adjust_hue` of a Pillow image.
  public func hueShifted(by amount: Double) -> ImageBuffer {
    precondition(amount >= -0.5 && amount <= 0.5, "a hue turns by -0.5 to 0.5, got \(amount)")
    let shift = UInt8(truncatingIfNeeded: Int(amount * 255))
    return rewritten { samples, out, count in
      for index in stride(from: 0, to: count, by: 3) {
        let (red, green, blue) = (samples[index], samples[index + 1], samples[index + 2])
        var pixel = HueSaturationValue(red: red, green: green, blue: blue)
        pixel.hue &+= shift
        (out[index], out[index + 1], out[index + 2]) = pixel.rgb
      }
    }
  }
}
