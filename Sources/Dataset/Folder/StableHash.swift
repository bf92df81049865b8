// A hash that is the same in every process and on every machine (Swift's own is seeded anew in each process).

/// FNV-1a over bytes (Fowler, Noll and Vo), finished with the mixer of SplitMix64 (Steele, Lea and Flood, 2014).
struct StableHash {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Adds bytes.
  mutating func combine(_ bytes: [UInt8]) {
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }

  /// Adds a number, as its eight bytes in little-endian order.
  mutating func combine(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      state = (state ^ ((number >> shift) & 0xFF)) &* 0x0000_0100_0000_01B3
    }
  }

  /// The hash of all that was added.
  var value: UInt64 {
    var z = state &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
