// From a section to its values: what is printed, and where the decoder finds defaults.

/// Turns settings into values with snake-case keys in the order of declaration.
public enum OptionsEncoder {
  /// The values of a section; optionals without a value are `.null`.
  ///
  /// Traps where a type's own `encode(to:)` throws: options are plain values, so that is a programmer's error.
  public static func encode(_ options: some Encodable) -> OptionsValue {
    let node = EncodedNode()
    do {
      try node.encode(options)
    } catch {
      preconditionFailure("\(type(of: options)) cannot be encoded as options: \(error)")
    }
    return node.value
  }
}

/// A type with an encoding of its own: the scalars, and dictionaries, whose keys are data and stay as they are.
protocol OptionsEncodable {
  func optionsValue() throws -> OptionsValue
}

extension Dictionary: OptionsEncodable where Key == String, Value: Encodable {
  func optionsValue() throws -> OptionsValue {
    .mapping(
      try keys.sorted().map { key in
        let node = EncodedNode()
        if let value = self[key] { try node.encode(value) }
        return OptionsValue.Entry(key, node.value)
      })
  }
}

extension Optional: OptionsEncodable where Wrapped: Encodable {
  func optionsValue() throws -> OptionsValue {
    guard let self else { return .null }
    let node = EncodedNode()
    try node.encode(self)
    return node.value
  }
}

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

// The encoder behind `OptionsEncoder`: three containers that fill a shared tree. The overloads for the primitive types are
// what the standard library's protocols ask for; each hands over to the generic one.

/// A place in the tree that is being built.
final class EncodedNode {
  enum Content {
    case nothing
    case value(OptionsValue)
    case mapping([(key: String, node: EncodedNode)])
    case list([EncodedNode])
  }

  var content = Content.nothing

  var value: OptionsValue {
    switch content {
    case .nothing: .mapping([])
    case .value(let value): value
    case .mapping(let entries): .mapping(entries.map { OptionsValue.Entry($0.key, $0.node.value) })
    case .list(let nodes): .list(nodes.map(\.value))
    }
  }

  func child(_ key: String) -> EncodedNode {
    var entries: [(key: String, node: EncodedNode)] = []
    if case .mapping(let existing) = content { entries = existing }
    let node = EncodedNode()
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].node = node
    } else {
      entries.append((key, node))
    }
    content = .mapping(entries)
    return node
  }

  func append() -> EncodedNode {
    var nodes: [EncodedNode] = []
    if case .list(let existing) = content { nodes = existing }
    let node = EncodedNode()
    content = .list(nodes + [node])
    return node
  }

  func encode(_ value: some Encodable) throws {
    if let value = value as? any OptionsEncodable {
      content = .value(try value.optionsValue())
    } else {
      try value.encode(to: OptionsTreeEncoder(node: self))
    }
  }
}

struct OptionsTreeEncoder: Encoder {
  let node: EncodedNode
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .nothing = node.content { node.content = .mapping([]) }
    return KeyedEncodingContainer(OptionsKeyedEncoding<Key>(node: node))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .nothing = node.content { node.content = .list([]) }
    return OptionsListEncoding(node: node)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { OptionsScalarEncoding(node: node) }
}

struct OptionsListEncoding: UnkeyedEncodingContainer {
  let node: EncodedNode
  var codingPath: [any CodingKey] { [] }
  private(set) var count = 0

  init(node: EncodedNode) { self.node = node }

  private mutating func next() -> EncodedNode {
    count += 1
    return node.append()
  }

  mutating func encodeNil() { next().content = .value(.null) }
  mutating func encode<T: Encodable>(_ value: T) throws { try next().encode(value) }
  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    OptionsTreeEncoder(node: next()).container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    OptionsTreeEncoder(node: next()).unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { OptionsTreeEncoder(node: next()) }
  mutating func encode(_ value: Bool) throws { try next().encode(value) }
  mutating func encode(_ value: String) throws { try next().encode(value) }
  mutating func encode(_ value: Double) throws { try next().encode(value) }
  mutating func encode(_ value: Float) throws { try next().encode(value) }
  mutating func encode(_ value: Int) throws { try next().encode(value) }
  mutating func encode(_ value: Int8) throws { try next().encode(value) }
  mutating func encode(_ value: Int16) throws { try next().encode(value) }
  mutating func encode(_ value: Int32) throws { try next().encode(value) }
  mutating func encode(_ value: Int64) throws { try next().encode(value) }
  mutating func encode(_ value: UInt) throws { try next().encode(value) }
  mutating func encode(_ value: UInt8) throws { try next().encode(value) }
  mutating func encode(_ value: UInt16) throws { try next().encode(value) }
  mutating func encode(_ value: UInt32) throws { try next().encode(value) }
  mutating func encode(_ value: UInt64) throws { try next().encode(value) }
}

struct OptionsScalarEncoding: SingleValueEncodingContainer {
  let node: EncodedNode
  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() { node.content = .value(.null) }
  mutating func encode<T: Encodable>(_ value: T) throws { try node.encode(value) }
  mutating func encode(_ value: Bool) throws { try node.encode(value) }
  mutating func encode(_ value: String) throws { try node.encode(value) }
  mutating func encode(_ value: Double) throws { try node.encode(value) }
  mutating func encode(_ value: Float) throws { try node.encode(value) }
  mutating func encode(_ value: Int) throws { try node.encode(value) }
  mutating func encode(_ value: Int8) throws { try node.encode(value) }
  mutating func encode(_ value: Int16) throws { try node.encode(value) }
  mutating func encode(_ value: Int32) throws { try node.encode(value) }
  mutating func encode(_ value: Int64) throws { try node.encode(value) }
  mutating func encode(_ value: UInt) throws { try node.encode(value) }
  mutating func encode(_ value: UInt8) throws { try node.encode(value) }
  mutating func encode(_ value: UInt16) throws { try node.encode(value) }
  mutating func encode(_ value: UInt32) throws { try node.encode(value) }
  mutating func encode(_ value: UInt64) throws { try node.encode(value) }
}
