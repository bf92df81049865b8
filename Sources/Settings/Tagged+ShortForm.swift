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
          path: dotted(position.path, entry.key), node: entry.value, defaults: nil)
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
