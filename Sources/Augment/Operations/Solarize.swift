extension ImageBuffer {
  /// Samples from `threshold` (0 to 256) on inverted: Pillow's `ImageOps.solarize`. A threshold that is no whole number
  /// is to be rounded up.
  public func solarized(threshold: Int) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    if threshold == 256 { return self }
    let threshold = UInt8(threshold)
    return rewritten { samples, out, count in
      for index in 0..<count {
        let sample = samples[index]
        out[index] = sample < threshold ? sample : ~sample
      }
    }
  }
}
