// Writes the fields of a protocol buffer.

extension [UInt8] {
  /// Adds a number in as few bytes as it needs.
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Adds the tag and the length of a field whose bytes follow.
  mutating func appendDelimited(_ number: UInt8, count: Int) {
    append(number << 3 | 2)
    appendVarint(UInt64(count))
  }

  /// Adds a field of bytes.
  mutating func appendField(_ number: UInt8, _ bytes: some Collection<UInt8>) {
    appendDelimited(number, count: bytes.count)
    append(contentsOf: bytes)
  }
}

/// How many bytes a number takes.
func varintCount(_ value: Int) -> Int { Swift.max(1, (64 - UInt64(value).leadingZeroBitCount + 6) / 7) }

/// How many bytes a field of `count` bytes takes, tag and length included.
func fieldCount(_ count: Int) -> Int { 1 + varintCount(count) + count }
