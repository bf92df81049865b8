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
