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
