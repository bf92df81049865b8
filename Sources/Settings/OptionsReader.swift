// The state of one decoding: it collects the issues and decides how each type is read.

/// A type that decodes itself from a place: scalars, lists, dictionaries, optionals, tagged sections.
protocol OptionsDecodable {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> Self
}

/// Reads values and collects issues.
final class OptionsReader {
  private(set) var issues: [OptionsIssue] = []
  private let rootDefaults: OptionsValue
  private let synonyms: [String: String]

  init(rootDefaults: OptionsValue, synonyms: [String: String] = [:]) {
    self.rootDefaults = rootDefaults
    self.synonyms = synonyms
  }

  func report(_ kind: OptionsIssue.Kind, at position: OptionsPosition, _ message: String, suggestion: String? = nil) {
    report(
      OptionsIssue(
        path: position.path, origin: position.node?.origin ?? .defaults, kind: kind, message: message,
        suggestion: suggestion))
  }

  func report(_ issue: OptionsIssue) {
    if !issues.contains(issue) { issues.append(issue) }
  }

  /// The value at a place. Throws `Undecodable` after recording why there is none.
  func value<T: Decodable>(_ type: T.Type, at position: OptionsPosition) throws -> T {
    if let type = type as? any OptionsDecodable.Type, let value = try type.decode(at: position, with: self) as? T {
      return value
    }
    if let names = allowedNames(of: type), let node = position.node {
      guard let text = node.text, names.contains(text) else {
        report(
          .wrongValue, at: position, "found \(node.summary), expected \(choice(of: names))",
          suggestion: node.text.flatMap { nearestName(to: $0, in: names) })
        throw Undecodable()
      }
      // The enumeration reads a text, and `none` without quotes would be no value.
      var named = position
      if node.isNull { named.node?.kind = .scalar(text, isPlain: false) }
      return try section(type, at: named)
    }
    return try section(type, at: position)
  }

  /// The value at a place; where what was written is faulty, the default.
  func valueOrDefault<T: Decodable>(_ type: T.Type, at position: OptionsPosition) throws -> T {
    do {
      return try value(type, at: position)
    } catch is Undecodable where position.node != nil && position.defaults != nil {
      return try value(type, at: position.withoutNode)
    }
  }

  /// The places of a list's elements.
  ///
  /// A mapping of positions made by `--set list.0.key=value` changes elements of the default list.
  func elements(at position: OptionsPosition) throws -> [OptionsPosition] {
    guard let node = position.node else {
      guard case .list(let values)? = position.defaults else {
        report(.missing, at: position, "is missing, expected a list")
        throw Undecodable()
      }
      return values.indices.map { position.child("\($0)") }
    }
    switch node.kind {
    case .list(let nodes):
      return nodes.enumerated().map {
        OptionsPosition(path: dotted(position.path, "\($0)"), node: $1, defaults: nil)
      }
    case .mapping(let entries) where entries.allSatisfy { $0.origin.isFlag && Int($0.key) != nil }:
      let defaults = try elements(at: position.withoutNode)
      for entry in entries where position.defaults?[entry.key] == nil {
        report(
          OptionsIssue(
            path: dotted(position.path, entry.key), origin: entry.origin, kind: .override,
            message: "the list has \(defaults.count) elements, counted from 0"))
      }
      return defaults.indices.map { position.child("\($0)") }
    default:
      report(.wrongValue, at: position, "found \(node.summary), expected a list")
      throw Undecodable()
    }
  }

  /// Decodes a type through its own `init(from:)`, then looks for unknown keys and runs its checks.
  ///
  /// - Parameter tag: The key beside the section's own that chose its type, where there is one.
  func section<T: Decodable>(_ type: T.Type, at place: OptionsPosition, tag: String? = nil) throws -> T {
    var position = place
    let options = type as? any Validatable.Type
    if let options {
      // A section whose keys are all commented out stands for its defaults.
      if position.node?.isEmpty == true { position.node = nil }
      if position.defaults == nil || position.defaults == .null {
        position.defaults = OptionsEncoder.encode(options.init())
      }
    }
    let keys = SectionKeys()
    let decoder = OptionsDecoder(reader: self, position: position, section: keys)
    let value: T
    do {
      value = try T(from: decoder)
    } catch is Undecodable {
      throw Undecodable()
    } catch DecodingError.dataCorrupted(let context) {
      report(.wrongValue, at: position, "found \(position.node?.summary ?? "a default"): \(context.debugDescription)")
      throw Undecodable()
    } catch {
      let found = position.node.map { "found \($0.summary): " } ?? ""
      report(.wrongValue, at: position, found + plainReason(of: error))
      throw Undecodable()
    }
    if options != nil { keys.know(contentsOf: position.defaults?.keys ?? []) }
    if options != nil || !keys.names.isEmpty {
      reportUnknownKeys(at: position, known: keys.names + (tag.map { [$0] } ?? []))
    }
    if let value = value as? any Validatable { check(value, at: position, known: keys.names) }
    return value
  }

  /// Runs a section's own checks.
  private func check(_ value: any Validatable, at position: OptionsPosition, known: [String]) {
    let faults = Set(issues.map(\.path))
    var collector = IssueCollector(section: position, knownKeys: Set(known)) { path in
      faults.contains(path) || faults.contains { $0.hasPrefix(path + ".") }
    }
    value.validate(&collector)
    collector.issues.forEach(report)
  }

  private func reportUnknownKeys(at position: OptionsPosition, known: [String]) {
    for entry in position.node?.entries ?? [] where !known.contains(entry.key) {
      let path = dotted(position.path, OptionsNode.abbreviated(entry.key))
      var issue = OptionsIssue(path: path, origin: entry.origin, kind: .unknownKey, message: "unknown key")
      issue.suggestion = synonyms[snakeCase(entry.key)] ?? nearestName(to: entry.key, in: known)
      if issue.suggestion == nil {
        let elsewhere = rootDefaults.paths(endingIn: snakeCase(entry.key)).filter { $0 != path }
        issue.suggestion = elsewhere.first
        if elsewhere.isEmpty { issue.message += ", expected \(choice(of: known))" }
      }
      report(issue)
    }
  }

  private func choice(of names: [String]) -> String {
    names.count == 1 ? "'\(names[0])'" : "one of " + names.joined(separator: ", ")
  }
}

extension SectionKeys {
  func know(contentsOf names: [String]) { names.forEach(know) }
}

extension OptionsIssue.Origin {
  /// Whether the value comes from a `--set` flag.
  var isFlag: Bool {
    if case .flag = self { true } else { false }
  }
}

/// The raw values of an enumeration that lists its cases, as they are written; nil for other types.
func allowedNames(of type: Any.Type) -> [String]? {
  func names<Cases: CaseIterable>(of type: Cases.Type) -> [String]? {
    let names = type.allCases.compactMap { ($0 as? any RawRepresentable).map { "\($0.rawValue)" } }
    return names.isEmpty ? nil : names
  }
  return (type as? any CaseIterable.Type).flatMap { names(of: $0) }
}
