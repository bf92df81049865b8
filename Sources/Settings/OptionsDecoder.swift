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
      reader.report(.wrongValue, at: position, "found \(node.summary), expected a mapping")
      throw Undecodable()
    }
    return KeyedDecodingContainer(OptionsKeyedDecoding(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    OptionsListDecoding(decoder: self, elements: try reader.elements(at: position))
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { OptionsScalarDecoding(decoder: self) }
}
