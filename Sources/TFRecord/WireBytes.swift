// Where a protocol buffer is read from: memory, or a file of which only the parts that are looked at are read.

/// Bytes by position.
protocol WireBytes {
  /// The number of bytes.
  var count: Int { get }
  /// The byte at a position in 0 ..< count.
  mutating func byte(at position: Int) throws -> UInt8
}

/// Bytes in memory.
struct MemoryBytes: WireBytes {
  let bytes: UnsafeRawBufferPointer
  var count: Int { bytes.count }
  func byte(at position: Int) -> UInt8 { bytes[position] }
}
