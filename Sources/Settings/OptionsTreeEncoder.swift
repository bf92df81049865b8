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
