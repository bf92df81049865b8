// Walks the fields of a protocol buffer (https://protobuf.dev/programming-guides/encoding). No length is believed that
// leads out of the bytes, and nothing is allocated.

/// A place in a protocol buffer, and the end of the message that is walked.
struct WireReader<Bytes: WireBytes> {
  /// A field's number with what follows it.
  struct Field {
    let number: UInt64
    let type: UInt64
    /// Where its tag begins.
    let start: Int
  }

  private static var maxGroupDepth: Int { 32 }

  var bytes: Bytes
  private(set) var position: Int
  private var end: Int

  /// Where the message ends that is walked.
  var endPosition: Int { end }

  init(_ bytes: Bytes) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  /// The next field of the message, or nil at its end.
  mutating func next() throws -> Field? {
    if position == end { return nil }
    let start = position
    let tag = try varint()
    guard tag >> 3 != 0, tag >> 3 < 1 << 29 else { throw ExampleError("a field without a number at byte \(start)") }
    return Field(number: tag >> 3, type: tag & 7, start: start)
  }

  /// A number of up to ten bytes.
  mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw ExampleError("it ends within a number") }
      let byte = try bytes.byte(at: position)
      position += 1
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ExampleError("a number of more than 64 bits at byte \(position - 1)")
  }

  /// Four bytes, little endian.
  mutating func fixed32() throws -> UInt32 {
    guard end - position >= 4 else { throw ExampleError("it ends within a number") }
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(try bytes.byte(at: position + index)) << UInt32(8 * index) }
    position += 4
    return value
  }

  /// Where the bytes of a field with a length lie; the reader stands behind them.
  mutating func delimited() throws -> Range<Int> {
    let length = try varint()
    guard length <= UInt64(end - position) else {
      throw ExampleError("a field of \(length) bytes at byte \(position), where \(end - position) are left")
    }
    let range = position..<position + Int(length)
    position = range.upperBound
    return range
  }

  /// Passes over what a field holds.
  mutating func skip(_ field: Field) throws {
    var open: [UInt64] = []
    var field = field
    while true {
      switch field.type {
      case 0: _ = try varint()
      case 1: try advance(8)
      case 2: _ = try delimited()
      case 3: open.append(field.number)
      case 4:
        guard open.popLast() == field.number else { throw ExampleError("a group that ends without a beginning") }
      case 5: try advance(4)
      default: throw ExampleError("an unknown kind of field at byte \(field.start)")
      }
      if open.isEmpty { return }
      guard open.count <= Self.maxGroupDepth, let inner = try next() else {
        throw ExampleError("a group without an end")
      }
      field = inner
    }
  }

  /// Walks the message in `range`, then goes on where this reader stood.
  mutating func within<Result>(_ range: Range<Int>, _ body: (inout Self) throws -> Result) throws -> Result {
    let saved = (position, end)
    (position, end) = (range.lowerBound, range.upperBound)
    defer { (position, end) = saved }
    return try body(&self)
  }

  /// Whether the bytes in `range` are these.
  mutating func holds(_ text: String, in range: Range<Int>) throws -> Bool {
    guard range.count == text.utf8.count else { return false }
    for (offset, character) in text.utf8.enumerated()
    where try bytes.byte(at: range.lowerBound + offset) != character {
      return false
    }
    return true
  }

  private mutating func advance(_ count: Int) throws {
    guard end - position >= count else { throw ExampleError("it ends within a number") }
    position += count
  }
}
