// Decoding of a list element by element, for types that read one themselves (a range, for example), and of a single
// value. The overloads are what the standard library's protocols ask for.

struct OptionsListDecoding: UnkeyedDecodingContainer {
  let decoder: OptionsDecoder
  let elements: [OptionsPosition]
  var codingPath: [any CodingKey] { [] }
  private(set) var currentIndex = 0

  init(decoder: OptionsDecoder, elements: [OptionsPosition]) {
    self.decoder = decoder
    self.elements = elements
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private mutating func next() throws -> OptionsPosition {
    guard !isAtEnd else {
      decoder.reader.report(
        .wrongValue, at: decoder.position, "found a list of \(elements.count), expected more elements")
      throw Undecodable()
    }
    defer { currentIndex += 1 }
    return elements[currentIndex]
  }

  private mutating func get<T: Decodable>(_ type: T.Type) throws -> T {
    try decoder.reader.value(type, at: next())
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try get(type) }
  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try decoder.nested(next()).container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try decoder.nested(next()).unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { decoder.nested(try next()) }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try get(type) }
  mutating func decode(_ type: String.Type) throws -> String { try get(type) }
  mutating func decode(_ type: Double.Type) throws -> Double { try get(type) }
  mutating func decode(_ type: Float.Type) throws -> Float { try get(type) }
  mutating func decode(_ type: Int.Type) throws -> Int { try get(type) }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try get(type) }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try get(type) }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try get(type) }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try get(type) }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try get(type) }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try get(type) }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try get(type) }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try get(type) }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try get(type) }
}

struct OptionsScalarDecoding: SingleValueDecodingContainer {
  let decoder: OptionsDecoder
  var codingPath: [any CodingKey] { [] }

  private func get<T: Decodable>(_ type: T.Type) throws -> T {
    try decoder.reader.value(type, at: decoder.position)
  }

  func decodeNil() -> Bool { decoder.position.isNull }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try get(type) }
  func decode(_ type: Bool.Type) throws -> Bool { try get(type) }
  func decode(_ type: String.Type) throws -> String { try get(type) }
  func decode(_ type: Double.Type) throws -> Double { try get(type) }
  func decode(_ type: Float.Type) throws -> Float { try get(type) }
  func decode(_ type: Int.Type) throws -> Int { try get(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try get(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try get(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try get(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try get(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try get(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try get(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try get(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try get(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try get(type) }
}
