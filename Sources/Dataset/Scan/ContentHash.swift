// A hash of contents: MurmurHash3 x64 128 (A. Appleby, public domain), computed from its published description.
//
// 128 bits: among ten million different images, the odds that any two have the same hash by chance are about 1 in
// 10^25. It is no cryptographic hash: someone who means to can make two files that collide, so nothing is ever deleted
// because of it.

/// 128 bits that stand for some bytes; the same on every machine.
struct ContentHash: Hashable, Comparable, Sendable {
  let first: UInt64
  let second: UInt64

  /// The hash of `bytes`. Different seeds give unrelated hashes.
  init(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) {
    var (a, b) = (seed, seed)
    let numBlocks = bytes.count / 16
    for block in 0..<numBlocks {
      let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16, as: UInt64.self))
      let k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16 + 8, as: UInt64.self))
      a ^= Self.firstWord(k1)
      a = (Self.rotated(a, 27) &+ b) &* 5 &+ 0x52DC_E729
      b ^= Self.secondWord(k2)
      b = (Self.rotated(b, 31) &+ a) &* 5 &+ 0x3849_5AB5
    }
    let tail = bytes[(numBlocks * 16)...]
    var (k1, k2) = (UInt64(0), UInt64(0))
    for (place, byte) in tail.enumerated() {
      if place < 8 { k1 |= UInt64(byte) << UInt64(8 * place) } else { k2 |= UInt64(byte) << UInt64(8 * (place - 8)) }
    }
    // A word of zeros changes nothing, so that a tail of any length can be treated alike.
    b ^= Self.secondWord(k2)
    a ^= Self.firstWord(k1)
    a ^= UInt64(bytes.count)
    b ^= UInt64(bytes.count)
    a = a &+ b
    b = b &+ a
    a = Self.finished(a)
    b = Self.finished(b)
    a = a &+ b
    first = a
    second = b &+ a
  }

  /// An order, for sorting equal ones together.
  static func < (a: ContentHash, b: ContentHash) -> Bool { (a.first, a.second) < (b.first, b.second) }

  private static func firstWord(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x87C3_7B91_1142_53D5, 31) &* 0x4CF5_AD43_2745_937F
  }

  private static func secondWord(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x4CF5_AD43_2745_937F, 33) &* 0x87C3_7B91_1142_53D5
  }

  private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }

  private static func finished(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ word >> 33) &* 0xFF51_AFD7_ED55_8CCD
    word = (word ^ word >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return word ^ word >> 33
  }
}
