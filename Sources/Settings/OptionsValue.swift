// Settings as plain values in the order of declaration: what the encoder makes, what defaults are read from, and what
// is printed as YAML or JSON.

/// A tree of settings values, keys in snake case and in the order of declaration.
public enum OptionsValue: Sendable, Equatable {
  /// An optional without a value.
  case null
  /// A truth value.
  case bool(Bool)
  /// An integer that fits into 64 bits with sign.
  case int(Int64)
  /// An integer that fits into 64 bits without sign only.
  case unsigned(UInt64)
  /// A number in double precision.
  case double(Double)
  /// A number in single precision, printed with the digits that single precision needs.
  case float(Float)
  /// A text.
  case string(String)
  /// A list.
  case list([OptionsValue])
  /// A section.
  case mapping([Entry])

  /// A key and its value.
  public struct Entry: Sendable, Equatable {
    /// The key, in snake case.
    public var key: String
    /// The value.
    public var value: OptionsValue

    /// Creates an entry.
    public init(_ key: String, _ value: OptionsValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value under a key of a section, or at a position of a list.
  public subscript(key: String) -> OptionsValue? {
    switch self {
    case .mapping(let entries): entries.first { $0.key == key }?.value
    case .list(let elements): Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    default: nil
    }
  }

  /// The keys of a section; none of any other value.
  public var keys: [String] {
    if case .mapping(let entries) = self { entries.map(\.key) } else { [] }
  }

  /// The text of a scalar that YAML and JSON write alike; nil for texts, lists and sections.
  var literal: String? {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .double(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string, .list, .mapping: nil
    }
  }

  /// The paths of all keys that end in a name, in order.
  func paths(endingIn name: String, from path: String = "") -> [String] {
    guard case .mapping(let entries) = self else { return [] }
    return entries.flatMap { entry in
      let entryPath = OptionsPosition.join(path, entry.key)
      return (entry.key == name ? [entryPath] : []) + entry.value.paths(endingIn: name, from: entryPath)
    }
  }
}

// A place in the settings: its path, what was written there, and what holds where nothing was.

/// A place that is being decoded.
struct OptionsPosition {
  /// The dotted path.
  var path: String
  /// What was written, if anything.
  var node: OptionsNode?
  /// The default, if the place has one.
  var defaults: OptionsValue?

  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The place of a key inside this one.
  func child(_ key: String) -> OptionsPosition {
    OptionsPosition(path: Self.join(path, key), node: node?.child(key), defaults: defaults?[key])
  }

  /// The same place as if nothing had been written.
  var withoutNode: OptionsPosition { OptionsPosition(path: path, node: nil, defaults: defaults) }

  /// Whether anything is known about the place.
  var isPresent: Bool { node != nil || defaults != nil }

  /// Whether what holds here is no value.
  var isNull: Bool { node?.isNull ?? (defaults == nil || defaults == .null) }
}

// JSON as RFC 8259 has it.

extension OptionsValue {
  /// The value as JSON text: two spaces of indentation, lists of plain values on one line, a newline at the end.
  ///
  /// Numbers have the fewest digits that read back as the same number; a number that is not finite, which JSON cannot
  /// say, becomes null.
  public var json: String { jsonText(indentation: 0) + "\n" }

  /// The value as JSON on one line without spaces or newline.
  public var compactJSON: String {
    switch self {
    case .list(let elements): "[" + elements.map(\.compactJSON).joined(separator: ",") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\(Self.quoted($0.key)):\($0.value.compactJSON)" }.joined(separator: ",") + "}"
    default: jsonScalar
    }
  }

  private func jsonText(indentation: Int) -> String {
    let outer = String(repeating: " ", count: indentation)
    let inner = outer + "  "
    switch self {
    case .mapping(let entries) where !entries.isEmpty:
      let lines = entries.map { "\(inner)\(Self.quoted($0.key)): \($0.value.jsonText(indentation: indentation + 2))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
    case .list(let elements) where elements.contains { !$0.isScalar }:
      return "[\n" + elements.map { inner + $0.jsonText(indentation: indentation + 2) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .list(let elements): return "[" + elements.map(\.jsonScalar).joined(separator: ", ") + "]"
    case .mapping: return "{}"
    default: return jsonScalar
    }
  }

  private var jsonScalar: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .double(let value) where !value.isFinite: "null"
    case .float(let value) where !value.isFinite: "null"
    default: literal ?? "null"
    }
  }

  /// Whether the value is neither a list nor a section.
  var isScalar: Bool {
    switch self {
    case .list, .mapping: false
    default: true
    }
  }

  /// A text in double quotes, with the escapes that JSON and YAML share.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

// YAML in block style, which `OptionsLoader` reads back as the same values.

extension OptionsValue {
  /// The value as YAML text: sections indented by two spaces, lists of plain values on one line, `null` for optionals
  /// without a value.
  ///
  /// Read back by `OptionsLoader` it gives the same values.
  public var yaml: String {
    switch self {
    case .mapping(let entries) where !entries.isEmpty: Self.lines(of: entries).map { $0 + "\n" }.joined()
    default: yamlInline.map { $0 + "\n" } ?? blockLines.map { $0 + "\n" }.joined()
    }
  }

  private static func lines(of entries: [Entry]) -> [String] {
    entries.flatMap { entry in
      let key = scalarText(entry.key)
      if let inline = entry.value.yamlInline { return ["\(key): \(inline)"] }
      return ["\(key):"] + entry.value.blockLines.map { "  " + $0 }
    }
  }

  /// The lines of a list or section that does not fit on one line.
  private var blockLines: [String] {
    switch self {
    case .mapping(let entries): Self.lines(of: entries)
    case .list(let elements):
      elements.flatMap { element -> [String] in
        let lines = element.yamlInline.map { [$0] } ?? element.blockLines
        return zip(lines.indices, lines).map { ($0 == 0 ? "- " : "  ") + $1 }
      }
    default: []
    }
  }

  /// The value on one line, or nil for a section and for a list that holds one.
  private var yamlInline: String? {
    switch self {
    case .string(let text): Self.scalarText(text)
    case .mapping(let entries): entries.isEmpty ? "{}" : nil
    case .list(let elements):
      elements.contains { !$0.isScalar } ? nil : "[" + elements.compactMap(\.yamlInline).joined(separator: ", ") + "]"
    default: literal
    }
  }

  /// A text without quotes where nothing could take it for something else, else in quotes.
  private static func scalarText(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: [UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-")].contains(byte)
      }
    }
    let startsPlainly = text.first.map { $0.isLetter || $0 == "/" || $0 == "_" } == true
    let words = ["null", "none", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan"]
    return isWord && startsPlainly && !words.contains(text.lowercased()) ? text : quoted(text)
  }
}
