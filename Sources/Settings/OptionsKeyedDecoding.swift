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
