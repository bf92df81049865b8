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

// The messages of tensorflow/core/example: Example { Features features = 1 }, Features { map<string, Feature> feature =
// 1 }, Feature { oneof: BytesList 1, FloatList 2, Int64List 3 }, each list { repeated value = 1 }, numbers packed or not.

/// The kinds of list in a Feature, by field number.
enum FeatureKind: UInt64 {
  case bytes = 1
  case floats = 2
  case integers = 3
}

extension WireReader {
  /// One named feature: where its name, its value and the whole of it, tag included, lie.
  struct Entry {
    let key: Range<Int>
    let feature: Range<Int>
    let whole: Range<Int>
  }

  /// Calls `visit` with every feature in the order of the bytes. Of features with the same name the last one counts.
  mutating func forEachFeature(_ visit: (inout Self, Entry) throws -> Void) throws {
    while let field = try next() {
      guard field.number == 1, field.type == 2 else {
        try skip(field)
        continue
      }
      try within(delimited()) { features in
        while let field = try features.next() {
          guard field.number == 1, field.type == 2 else {
            try features.skip(field)
            continue
          }
          let range = try features.delimited()
          let entry = try features.within(range) { try $0.entry(in: range, whole: field.start..<range.upperBound) }
          try visit(&features, entry)
        }
      }
    }
  }

  private mutating func entry(in range: Range<Int>, whole: Range<Int>) throws -> Entry {
    var key = range.lowerBound..<range.lowerBound
    var feature = range.lowerBound..<range.lowerBound
    while let field = try next() {
      switch (field.number, field.type) {
      case (1, 2): key = try delimited()
      case (2, 2): feature = try delimited()
      default: try skip(field)
      }
    }
    return Entry(key: key, feature: feature, whole: whole)
  }

  /// Calls `visit` with every list of a feature.
  mutating func forEachList(of feature: Range<Int>, _ visit: (inout Self, FeatureKind) throws -> Void) throws {
    try within(feature) { reader in
      while let field = try reader.next() {
        guard let kind = FeatureKind(rawValue: field.number), field.type == 2 else {
          try reader.skip(field)
          continue
        }
        try reader.within(reader.delimited()) { try visit(&$0, kind) }
      }
    }
  }

  /// Where the first text or image of a feature lies, or nil.
  mutating func firstBytes(of feature: Range<Int>) throws -> Range<Int>? {
    var found: Range<Int>?
    try forEachList(of: feature) { list, kind in
      while let field = try list.next() {
        if kind == .bytes, field.number == 1, field.type == 2 {
          let range = try list.delimited()
          found = found ?? range
        } else {
          try list.skip(field)
        }
      }
    }
    return found
  }

  /// The first whole number of a feature, or nil.
  mutating func firstInteger(of feature: Range<Int>) throws -> Int64? {
    var found: Int64?
    try forEachList(of: feature) { list, kind in
      while let field = try list.next() {
        switch (kind, field.number, field.type) {
        case (.integers, 1, 0):
          let value = try list.varint()
          found = found ?? Int64(bitPattern: value)
        case (.integers, 1, 2):
          try list.within(list.delimited()) { packed in
            if found == nil, packed.position < packed.endPosition { found = Int64(bitPattern: try packed.varint()) }
          }
        default: try list.skip(field)
        }
      }
    }
    return found
  }
}
