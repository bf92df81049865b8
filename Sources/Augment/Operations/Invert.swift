extension ImageBuffer {
  /// 255 minus each sample: Pillow's `ImageOps.invert`.
  public func inverted() -> ImageBuffer {
    rewritten { samples, out, count in
      for index in 0..<count { out[index] = ~samples[index] }
    }
  }
}
