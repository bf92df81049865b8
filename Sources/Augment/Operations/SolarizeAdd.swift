extension ImageBuffer {
  /// `addition` added to the samples below `threshold` (0 to 256), up to 255 and down to 0: timm's `solarize_add`.
  public func solarizedAdd(_ addition: Int, threshold: Int = 128) -> ImageBuffer {
    precondition((0...256).contains(threshold), "a threshold lies between 0 and 256, got \(threshold)")
    let addition = max(-255, min(255, addition))
    return LookupTable { Int($0) < threshold ? UInt8(max(0, min(255, Int($0) + addition))) : $0 }.apply(self)
  }
}
