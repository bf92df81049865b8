// A `Decoder` over written settings and their defaults, under synthesized `Codable`: it answers every key, so that
// decoding goes on after a fault and all faults are found in one pass.

/// Thrown after an issue was recorded where no value can stand in; caught at the nearest place that has a default.
struct Undecodable: Error {}

/// The keys that a section's `init(from:)` has asked for, in order.
final class SectionKeys {
  private(set) var names: [String] = []

  func know(_ name: String) {
    if !names.contains(name) { names.append(name) }
  }
}

/// The decoder of one place.
struct OptionsDecoder: Decoder {
  let reader: OptionsReader
  let position: OptionsPosition
  let section: SectionKeys

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The keys written here, else those of the default.
  var keys: [String] { position.node?.entries?.map(\.key) ?? position.defaults?.keys ?? [] }

  /// The decoder of another place.
  func nested(_ position: OptionsPosition) -> OptionsDecoder {
    OptionsDecoder(reader: reader, position: position, section: SectionKeys())
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    if let node = position.node, node.entries == nil {
      reader.report(.wrongValue, at: position, "found \(node.summary), expected \(expectedMapping(for: node))")
      throw Undecodable()
    }
    return KeyedDecodingContainer(OptionsKeyedDecoding(decoder: self))
  }

  /// What is expected in place of a scalar, with the first key that could hold it.
  private func expectedMapping(for node: OptionsNode) -> String {
    guard case .mapping(let entries)? = position.defaults, !entries.isEmpty, !position.path.isEmpty,
      let text = node.text, !node.isNull
    else { return "a mapping" }
    if Bool.parse(node) == true { return "a mapping, {} for its defaults" }
    guard let key = entries.first(where: { $0.value.hasKind(of: node) })?.key else {
      return "a mapping of " + entries.map(\.key).joined(separator: ", ")
    }
    let value = OptionsNode.abbreviated(text)
    return node.origin.isFlag
      ? "a mapping, as in --set \(position.path).\(key)=\(value)" : "a mapping, as in {\(key): \(value)}"
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    OptionsListDecoding(decoder: self, elements: try reader.elements(at: position))
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { OptionsScalarDecoding(decoder: self) }
}

extension OptionsValue {
  /// Whether a written scalar without quotes could stand in place of this value.
  func hasKind(of node: OptionsNode) -> Bool {
    guard node.plainText != nil else { return false }
    return switch self {
    case .double, .float: Double.parse(node) != nil
    case .int, .unsigned: Int.parse(node) != nil
    case .string: Double.parse(node) == nil
    default: false
    }
  }
}

// Decoding of a section: every key asked for is remembered, a key that was not written answers with its default, and a
// faulty value is recorded and answers with its default too. The overloads are what the standard library's protocol asks
// for.

struct OptionsKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: OptionsDecoder
  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] { decoder.keys.compactMap { Key(stringValue: $0) } }

  /// The place of a key, which is known from now on.
  private func place(_ key: Key) -> OptionsPosition {
    let name = snakeCase(key.stringValue)
    decoder.section.know(name)
    return decoder.position.child(name)
  }

  func contains(_ key: Key) -> Bool { place(key).isPresent }
  func decodeNil(forKey key: Key) throws -> Bool { place(key).isNull }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try get(type, key) }
  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try getIfPresent(type, key) }

  private func get<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
    try decoder.reader.valueOrDefault(type, at: place(key))
  }

  private func getIfPresent<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
    do {
      return try T?.decode(at: place(key), with: decoder.reader)
    } catch is Undecodable {
      return nil
    }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder.nested(place(key)).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder.nested(place(key)).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { decoder.nested(decoder.position.child("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { decoder.nested(place(key)) }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try get(type, key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try get(type, key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try get(type, key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try get(type, key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try get(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try get(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try get(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try get(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try get(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try get(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try get(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try get(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try get(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try get(type, key) }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try getIfPresent(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try getIfPresent(type, key) }
}

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
