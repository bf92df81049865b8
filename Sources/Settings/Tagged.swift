// One of several kinds of settings, chosen by name: `optimizer: {type: adamw, lr: 1e-3}`.

/// The kinds of settings that a `Tagged` may hold: a plain table of names and types.
///
/// ```swift
/// protocol OptimizerOptions: Validatable { func makeOptimizer() -> any Optimizer }
///
/// enum OptimizerFamily: OptionsFamily {
///   typealias Payload = any OptimizerOptions
///   static let table: KeyValuePairs<String, any Validatable.Type> = [
///     "sgd": SGD.Options.self, "adamw": AdamW.Options.self,
///   ]
/// }
///
/// struct Options: Validatable {
///   var optimizer = Tagged<OptimizerFamily>(AdamW.Options())
/// }
/// ```
public protocol OptionsFamily {
  /// What the types of the table have in common; `any Validatable`, or the existential of a protocol that refines it.
  associatedtype Payload: Sendable = any Validatable
  /// The names and types; every type must be a `Payload`.
  static var table: KeyValuePairs<String, any Validatable.Type> { get }
  /// Keys that mean the same in all types that have them; none by default. What a file gives for them stays where a flag
  /// changes the type.
  static var sharedKeys: Set<String> { get }
}

extension OptionsFamily {
  /// None.
  public static var sharedKeys: Set<String> { [] }
}

/// Settings of one of a family's types, written as a mapping of `type:` and that type's keys.
///
/// In YAML a mapping without `type:` changes keys of the default; another `type:` starts from that type's own defaults;
/// a bare name stands for a mapping of the type alone (`optimizer: sgd`), and `sgd(momentum=0.9)`, the short form, for one
/// with keys. Names are those of the table, in its spelling or in snake or camel case. A `--set a.type=name` that changes
/// the type discards the keys that the file gave for the old one, but for the family's shared ones. An unknown type is
/// answered with the nearest known name.
public struct Tagged<Family: OptionsFamily>: Sendable {
  /// The settings themselves.
  public var options: Family.Payload

  /// Wraps settings, whose type must be in the family's table.
  public init(_ options: Family.Payload) {
    self.options = options
    _ = name
  }

  /// The name of the type, as in the family's table.
  public var name: String {
    let actual = Swift.type(of: options as Any)
    guard let entry = Family.table.first(where: { $0.value == actual }) else {
      preconditionFailure("\(actual) is not in the table of \(Family.self)")
    }
    return entry.key
  }

  private init(options: any Validatable) {
    guard let options = options as? Family.Payload else {
      preconditionFailure("\(Swift.type(of: options)) in the table of \(Family.self) is not a \(Family.Payload.self)")
    }
    self.options = options
  }
}

extension Tagged: Equatable {
  /// Whether both hold the same type with the same values.
  public static func == (a: Tagged, b: Tagged) -> Bool { OptionsEncoder.encode(a) == OptionsEncoder.encode(b) }
}

extension Tagged: Codable {
  private enum CodingKeys: CodingKey { case type }

  /// Writes the name under `type`, and the settings beside it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .type)
    guard let options = options as? any Validatable else {
      preconditionFailure("\(Family.Payload.self) is not Validatable")
    }
    try options.encode(to: encoder)
  }

  /// Reads the name under `type` and then that type, with other decoders than the settings loader.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .type)
    guard let type = Self.entry(named: name)?.value else {
      throw DecodingError.dataCorruptedError(forKey: .type, in: container, debugDescription: "unknown type '\(name)'")
    }
    self.init(options: try type.init(from: decoder))
  }
}

extension Tagged: OptionsDecodable {
  static func decode(at place: OptionsPosition, with reader: OptionsReader) throws -> Tagged {
    var position = place
    position.node = try expanded(place, with: reader)
    var defaultName: String?
    if case .string(let name)? = position.defaults?["type"] { defaultName = name }

    var name = defaultName
    if let node = position.node, !node.isEmpty {
      let typeNode = node.entries == nil && !node.isNull ? node : node.child("type")
      if let text = typeNode?.text {
        name = text
      } else if node.entries == nil || typeNode != nil {
        let found = (typeNode ?? node).summary
        reader.report(.wrongValue, at: position, "found \(found), expected a mapping with one \(expectedType)")
        throw Undecodable()
      }
    }
    guard let name else {
      reader.report(.missing, at: position, "has no type, expected one \(expectedType)")
      throw Undecodable()
    }
    guard let (name, type) = entry(named: name) else {
      var typePosition = position
      typePosition.path = dotted(position.path, "type")
      typePosition.node = position.node?.child("type") ?? position.node
      reader.report(
        .wrongValue, at: typePosition,
        "found '\(OptionsNode.abbreviated(name))', expected one \(expectedType)",
        suggestion: nearestName(to: name, in: Family.table.map(\.key)))
      throw Undecodable()
    }
    if name != defaultName { position.defaults = nil }
    let kept = Family.sharedKeys.intersection(OptionsEncoder.encode(type.init()).keys)
    position.node = payloadNode(of: position.node, name: name, defaultName: defaultName, keeping: kept)
    return Tagged(options: try reader.payload(type, at: position))
  }

  private static var expectedType: String { "of the types " + Family.table.map(\.key).joined(separator: ", ") }

  /// The written keys of the payload, without those that the file gave for a type that a flag has replaced, but for
  /// `kept`.
  private static func payloadNode(
    of node: OptionsNode?, name: String, defaultName: String?, keeping kept: Set<String>
  ) -> OptionsNode? {
    guard var payload = node, let entries = payload.entries else { return nil }
    let typeEntry = entries.first { $0.key == "type" }
    let isReplaced =
      typeEntry?.value.origin.isFlag == true && (payload.replacedType.map { canonicalName($0) } ?? defaultName) != name
    payload.kind = .mapping(
      entries.filter { $0.key != "type" && (!isReplaced || $0.value.origin.isFlag || kept.contains($0.key)) })
    return payload
  }
}

extension OptionsReader {
  /// The settings of a tagged section, whose default also holds the `type` key.
  func payload<T: Validatable>(_ type: T.Type, at place: OptionsPosition) throws -> any Validatable {
    var position = place
    if case .mapping(let entries)? = position.defaults {
      position.defaults = .mapping(entries.filter { $0.key != "type" })
    }
    return try section(type, at: position, tag: "type")
  }
}
