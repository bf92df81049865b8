// Encoding of a section: keys in snake case, and a null for an optional without a value, so that every key of a section
// is in its encoding. The overloads are what the standard library's protocol asks for.

struct OptionsKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodedNode
  var codingPath: [any CodingKey] { [] }

  private func child(_ key: Key) -> EncodedNode { node.child(snakeCase(key.stringValue)) }

  mutating func encodeNil(forKey key: Key) { child(key).content = .value(.null) }
  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try put(value, key) }

  private func put(_ value: (some Encodable)?, _ key: Key) throws {
    if let value { try child(key).encode(value) } else { child(key).content = .value(.null) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy keyType: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    OptionsTreeEncoder(node: child(key)).container(keyedBy: keyType)
  }
  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    OptionsTreeEncoder(node: child(key)).unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { OptionsTreeEncoder(node: node.child("super")) }
  mutating func superEncoder(forKey key: Key) -> any Encoder { OptionsTreeEncoder(node: child(key)) }

  mutating func encode(_ value: Bool, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: String, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Double, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Float, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Int, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Int8, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Int16, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Int32, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: Int64, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: UInt, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: UInt8, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: UInt16, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: UInt32, forKey key: Key) throws { try child(key).encode(value) }
  mutating func encode(_ value: UInt64, forKey key: Key) throws { try child(key).encode(value) }

  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value, key) }
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value, key) }
}
