// `Rotate(degrees=17, interpolation=bicubic)`: a type and its settings in one line, as Python would write them.

/// Reads the short form of a tagged section into the mapping that YAML would have given.
///
/// A name, and in parentheses `key=value` with commas between. A value is a word or number as in YAML, a text in single or
/// double quotes (with backslash escapes of the quotes and the backslash), a list in brackets, or a short form again. A
/// dot in a key leads into a section. At most 4096 bytes and 8 levels.
struct ShortForm {
  /// What is wrong, and at which character, counted from 1.
  struct Fault: Error {
    var position: Int
    var message: String
    /// A value without a name, and the type that it was given to.
    var unnamed: (type: String, value: String)?
  }

  static let maximumBytes = 4096
  static let maximumDepth = 8

  private let scalars: [Unicode.Scalar]
  private let origin: OptionsIssue.Origin
  private var place = 0

  /// Whether a text is meant as a short form with arguments.
  static func isMeant(by text: String) -> Bool { text.utf8.contains(UInt8(ascii: "(")) }

  /// The name in front of the arguments.
  static func name(of text: String) -> String {
    let name = text.prefix { $0 != "(" }
    return String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// The mapping, with the name under `type`.
  static func parse(_ text: String, origin: OptionsIssue.Origin) throws(Fault) -> OptionsNode {
    guard text.utf8.count <= maximumBytes else {
      throw Fault(position: 1, message: "the text is longer than \(maximumBytes) bytes")
    }
    var parser = ShortForm(scalars: Array(text.unicodeScalars), origin: origin)
    parser.skipSpaces()
    let node = try parser.call(depth: 1)
    parser.skipSpaces()
    guard parser.place == parser.scalars.count else {
      throw parser.fault("found \(parser.found), expected nothing after the ')'")
    }
    return node
  }

  private init(scalars: [Unicode.Scalar], origin: OptionsIssue.Origin) {
    self.scalars = scalars
    self.origin = origin
  }

  private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private var found: String { next.map { "'\(OptionsNode.abbreviated(String($0)))'" } ?? "the end" }

  private func fault(_ message: String) -> Fault { Fault(position: place + 1, message: message) }

  private mutating func skipSpaces() {
    while let scalar = next, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { place += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard next == scalar else { return false }
    place += 1
    return true
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  private mutating func name(_ what: String, dots: Bool = false) throws(Fault) -> String {
    skipSpaces()
    let start = place
    while let scalar = next, Self.isName(scalar) || dots && scalar == "." { place += 1 }
    guard place > start else { throw fault("found \(found), expected \(what)") }
    return text(from: start)
  }

  private func text(from start: Int) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[start..<place])
    return text
  }

  private mutating func call(depth: Int) throws(Fault) -> OptionsNode {
    guard depth <= Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth) levels") }
    let typeName = try name("a name")
    let type = OptionsNode(.scalar(typeName, isPlain: false), origin: origin)
    var mapping = OptionsNode(.mapping([OptionsNode.Entry(key: "type", origin: origin, value: type)]), origin: origin)
    guard take("(") else { return mapping }
    while !take(")") {
      let start = place
      let key = try key(of: typeName)
      let value = try value(depth: depth + 1)
      let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard path.allSatisfy({ !$0.isEmpty }), path.count <= Self.maximumDepth, path != ["type"],
        mapping.insert(value, at: path[...], origin: origin)
      else { throw Fault(position: start + 1, message: "'\(key)' cannot stand here, or stands here twice") }
      if take(",") { continue }
      guard take(")") else { throw fault("found \(found), expected ',' or ')'") }
      break
    }
    return mapping
  }

  /// The name in front of a value, and the '='.
  private mutating func key(of type: String) throws(Fault) -> String {
    skipSpaces()
    let start = place
    if let first = next, "0123456789.+-'\"".unicodeScalars.contains(first),
      let text = (try? value(depth: Self.maximumDepth))?.text, next == "," || next == ")"
    {
      throw Fault(
        position: start + 1, message: "'\(OptionsNode.abbreviated(text))' has no name", unnamed: (type, text))
    }
    place = start
    let key = try name("a key or ')'", dots: true)
    guard take("=") else { throw fault("found \(found), expected '=' and a value after '\(key)'") }
    return key
  }

  private mutating func value(depth: Int) throws(Fault) -> OptionsNode {
    guard depth <= Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth) levels") }
    skipSpaces()
    guard let first = next else { throw fault("found the end, expected a value") }
    if first == "[" { return try list(depth: depth) }
    if first == "'" || first == "\"" { return try quoted(first) }
    let start = place
    while let scalar = next, Self.isName(scalar) || [".", "+", "-", "/", ":", "~"].contains(scalar) { place += 1 }
    guard place > start else { throw fault("found \(found), expected a value") }
    let word = text(from: start)
    skipSpaces()
    guard next == "(" else { return OptionsNode(.scalar(word, isPlain: true), origin: origin) }
    place = start
    return try call(depth: depth)
  }

  private mutating func list(depth: Int) throws(Fault) -> OptionsNode {
    place += 1
    var elements: [OptionsNode] = []
    while !take("]") {
      elements.append(try value(depth: depth + 1))
      if take(",") { continue }
      guard take("]") else { throw fault("found \(found), expected ',' or ']'") }
      break
    }
    return OptionsNode(.list(elements), origin: origin)
  }

  private mutating func quoted(_ quote: Unicode.Scalar) throws(Fault) -> OptionsNode {
    place += 1
    var text = ""
    while let scalar = next {
      place += 1
      if scalar == quote { return OptionsNode(.scalar(text, isPlain: false), origin: origin) }
      if scalar == "\\" {
        guard let escaped = next, ["\\", "'", "\""].contains(escaped) else {
          throw fault("found \(found), expected a quote or a backslash after the backslash")
        }
        text.unicodeScalars.append(escaped)
        place += 1
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    throw fault("found the end, expected \(quote == "'" ? "\"'\"" : "'\"'")")
  }
}

extension OptionsNode {
  /// Adds a value at a path of keys to a mapping; false where one stands there already.
  fileprivate mutating func insert(
    _ value: OptionsNode, at path: ArraySlice<String>, origin: OptionsIssue.Origin
  ) -> Bool {
    guard let key = path.first, case .mapping(var entries) = kind else { return false }
    let index = entries.firstIndex { $0.key == key }
    if path.count == 1 {
      if index != nil { return false }
      entries.append(Entry(key: key, origin: origin, value: value))
    } else {
      var child = index.map { entries[$0].value } ?? OptionsNode(.mapping([]), origin: origin)
      guard child.insert(value, at: path.dropFirst(), origin: origin) else { return false }
      if let index {
        entries[index].value = child
      } else {
        entries.append(Entry(key: key, origin: origin, value: child))
      }
    }
    kind = .mapping(entries)
    return true
  }
}
