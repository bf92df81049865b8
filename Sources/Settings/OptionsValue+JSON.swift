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
