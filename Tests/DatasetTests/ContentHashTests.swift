import Testing

@testable import Dataset

struct ContentHashTests {
  private func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> (UInt64, UInt64) {
    let hash = bytes.withUnsafeBytes { ContentHash($0, seed: seed) }
    return (hash.first, hash.second)
  }

  /// Values of the published function.
  @Test func knownValues() {
    #expect(hash([]) == (0, 0))
    #expect(hash(Array("hello".utf8)) == (0xCBD8_A7B3_41BD_9B02, 0x5B1E_906A_48AE_1D19))
    #expect(
      hash(Array("The quick brown fox jumps over the lazy dog".utf8))
        == (0xE34B_BC7B_BC07_1B6C, 0x7A43_3CA9_C49A_9347))
  }

  @Test func everyByteOfEveryLengthMatters() {
    var seen: Set<UInt64> = []
    for length in 1...50 {
      let base = (0..<length).map { UInt8($0 * 7 & 255) }
      #expect(seen.insert(hash(base).0 ^ hash(base).1).inserted)
      for place in 0..<length {
        var other = base
        other[place] ^= 1
        #expect(seen.insert(hash(other).0 ^ hash(other).1).inserted, "byte \(place) of \(length)")
      }
    }
    #expect(hash([1, 2, 3], seed: 1) != hash([1, 2, 3], seed: 2))
  }
}
