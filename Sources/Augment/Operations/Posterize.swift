extension ImageBuffer {
  /// The upper `bits` bits (0 to 8) of each sample: Pillow's `ImageOps.posterize`.
  public func posterized(bits: Int) -> ImageBuffer {
    precondition((0...8).contains(bits), "a sample has 0 to 8 bits, got \(bits)")
    if bits == 8 { return self }
    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
    return rewritten { samples, out, count in
      for index in 0..<count { out[index] = samples[index] & mask }
    }
  }
}
