/// ITU-R 601 luma as Pillow rounds it: 0.299 red, 0.587 green and 0.114 blue in 16 bits of fraction.
@inline(__always)
func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  UInt8(truncatingIfNeeded: (UInt32(red) &* 19595 &+ UInt32(green) &* 38470 &+ UInt32(blue) &* 7471 &+ 0x8000) &>> 16)
}
