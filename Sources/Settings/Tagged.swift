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
      typePosition.path = OptionsPosition.join(position.path, "type")
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

// The short form of a tagged section: reading it where a mapping or a name may stand, and writing it.

extension Tagged {
  /// The settings that a short form names, as `Rotate(degrees=17)`.
  ///
  /// - Throws: `OptionsError` with every issue found.
  public init(shortForm text: String) throws(OptionsError) {
    let origin = OptionsIssue.Origin.argument(OptionsNode.abbreviated(text))
    let node = OptionsNode(.scalar(text, isPlain: false), origin: origin)
    let reader = OptionsReader(rootDefaults: .null)
    let value = try? Self.decode(at: OptionsPosition(path: "", node: node, defaults: nil), with: reader)
    guard let value, reader.issues.isEmpty else { throw OptionsError(source: "short form", issues: reader.issues) }
    self = value
  }

  /// The name, and in parentheses the settings that differ from the type's defaults. Read as a short form it gives the
  /// same settings.
  public var shortForm: String {
    guard let options = options as? any Validatable else {
      preconditionFailure("\(Family.Payload.self) is not Validatable")
    }
    let defaults: any Validatable = Swift.type(of: options).init()
    return OptionsEncoder.encode(options).shortForm(name: name, without: OptionsEncoder.encode(defaults))
  }

  /// What was written, a short form in it being made a mapping.
  static func expanded(_ position: OptionsPosition, with reader: OptionsReader) throws -> OptionsNode? {
    guard let node = position.node else { return nil }
    let typeNode = node.entries == nil ? node : node.child("type")
    guard let text = typeNode?.text, let origin = typeNode?.origin, ShortForm.isMeant(by: text) else { return node }
    var mapping: OptionsNode
    do {
      mapping = try ShortForm.parse(text, origin: origin)
    } catch {
      let place = OptionsPosition(path: position.path, node: typeNode, defaults: nil)
      let hint =
        unnamedHint(error)
        ?? (text.contains(")") ? "" : "; in a list in brackets a short form with commas stands in quotes")
      let shown = OptionsNode.abbreviated(text)
      reader.report(.wrongValue, at: place, "'\(shown)', character \(error.position): \(error.message)\(hint)")
      throw Undecodable()
    }
    guard let written = node.entries, case .mapping(var entries) = mapping.kind else { return mapping }
    for entry in written where entry.key != "type" {
      let index = entries.firstIndex { $0.key == entry.key }
      if index != nil, !entry.origin.isFlag {
        let place = OptionsPosition(
          path: OptionsPosition.join(position.path, entry.key), node: entry.value, defaults: nil)
        reader.report(.wrongValue, at: place, "is also given as '\(OptionsNode.abbreviated(text))'; one is enough")
        throw Undecodable()
      }
      if let index { entries[index] = entry } else { entries.append(entry) }
    }
    mapping.kind = .mapping(entries)
    mapping.replacedType = node.replacedType
    mapping.origin = node.origin
    return mapping
  }

  /// How a value without a name could be written, with the type's first setting that takes it.
  private static func unnamedHint(_ fault: ShortForm.Fault) -> String? {
    guard let (type, text) = fault.unnamed else { return nil }
    let node = OptionsNode(.scalar(text, isPlain: true), origin: .defaults)
    guard let entry = entry(named: type), case .mapping(let settings) = OptionsEncoder.encode(entry.value.init()),
      let key = settings.first(where: { $0.value.hasKind(of: node) })?.key
    else { return "; write the setting's name before it" }
    return "; write \(entry.key)(\(key)=\(OptionsNode.abbreviated(text)))"
  }

  /// The entry of the family's table for a name in the table's spelling or in snake or camel case.
  static func entry(named name: String) -> (key: String, value: any Validatable.Type)? {
    if let entry = Family.table.first(where: { $0.key == name }) { return entry }
    guard name.utf8.count <= 100 else { return nil }
    let plain = snakeCase(name)
    return Family.table.first { snakeCase($0.key) == plain }
  }

  /// The table's spelling of a written name or short form; the name itself where the table has none.
  static func canonicalName(_ written: String) -> String {
    let name = ShortForm.name(of: written)
    return entry(named: name)?.key ?? name
  }
}

extension OptionsValue {
  /// A section as a short form, without what is equal to the defaults.
  fileprivate func shortForm(name: String, without defaults: OptionsValue?) -> String {
    let arguments = arguments(without: defaults)
    return arguments.isEmpty ? name : "\(name)(\(arguments.joined(separator: ", ")))"
  }

  private func arguments(without defaults: OptionsValue?, prefix: String = "") -> [String] {
    guard case .mapping(let entries) = self else { return [] }
    return entries.flatMap { entry -> [String] in
      let old = defaults?[entry.key]
      if entry.value == old || entry.key == "type" { return [] }
      if case .mapping = entry.value, entry.value["type"] == nil {
        return entry.value.arguments(without: old, prefix: "\(prefix)\(entry.key).")
      }
      return ["\(prefix)\(entry.key)=\(entry.value.shortFormText)"]
    }
  }

  private var shortFormText: String {
    switch self {
    case .string(let text):
      let isWord = text.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("A"..."Z").contains($0) || $0 == "_" }
      let words = ["null", "none", "true", "false", "yes", "no", "on", "off", "inf", "nan"]
      if isWord && !text.isEmpty && !words.contains(text.lowercased()) { return text }
      let escaped = text.flatMap { $0 == "\\" || $0 == "'" ? ["\\", $0] : [$0] }
      return "'\(String(escaped))'"
    case .list(let elements): return "[" + elements.map(\.shortFormText).joined(separator: ", ") + "]"
    case .mapping:
      guard case .string(let name)? = self["type"] else { return "{}" }
      let form = shortForm(name: name, without: nil)
      return form.hasSuffix(")") ? form : form + "()"
    default: return literal ?? "null"
    }
  }
}
