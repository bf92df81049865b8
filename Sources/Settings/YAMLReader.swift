// From hostile YAML text to the written tree. Bounded before and while it is read: size, nesting, number of nodes after
// aliases are expanded, and number of aliases, because the parser compares keys by value and an alias stands for all
// that it names.

import Yams

/// Parses YAML into nodes.
enum YAMLReader {
  private static let maximumNodes = 20_000
  private static let maximumDepth = 64
  private static let maximumAliases = 12

  /// The root of a text, or nil if the text is empty.
  ///
  /// Throws the issue that makes the text unreadable; faults that leave the rest readable go to `issues`.
  static func parse(
    _ text: String, issues: inout [OptionsIssue], origin: @escaping (Int) -> OptionsIssue.Origin
  ) throws(OptionsIssue) -> OptionsNode? {
    func failure(_ line: Int, _ message: String) -> OptionsIssue {
      OptionsIssue(path: "", origin: origin(line), kind: .syntax, message: message)
    }
    // Editors on Windows begin a file with a byte order mark.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    guard text.utf8.count <= OptionsLoader.maximumBytes else {
      throw failure(1, "larger than \(OptionsLoader.maximumBytes / 1024) KiB, the most that settings may take")
    }
    if let (line, message) = excess(in: text) { throw failure(line, message) }
    let root: Node?
    do {
      root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      let (line, message) = explanation(of: error)
      throw failure(line, message)
    } catch {
      throw failure(1, "cannot be read as YAML: \(plainReason(of: error))")
    }
    guard let root else { return nil }
    var converter = NodeConverter(numNodesLeft: maximumNodes, maximumDepth: maximumDepth, origin: origin)
    defer { issues += converter.issues }
    return try converter.convert(root, path: "", depth: 0, line: 1)
  }

  /// The line and reason of more aliases or deeper brackets than settings have. Lines that can only be comments or
  /// texts do not count; what remains may count too much (a star inside quotes), never too little.
  private static func excess(in text: String) -> (Int, String)? {
    var numAliases = 0
    var numOpen = 0
    var line = 1
    var previous = UInt8(ascii: "\n")
    var isComment = false
    var atLineStart = true
    for byte in text.utf8 {
      if previous == UInt8(ascii: "*"), !isComment, isNameByte(byte) { numAliases += 1 }
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if byte == UInt8(ascii: "\n") { line += 1 }
        isComment = false
        atLineStart = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"): break
      default:
        if atLineStart, byte == UInt8(ascii: "#") { isComment = true }
        atLineStart = false
        if !isComment, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { numOpen += 1 }
        if !isComment, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { numOpen = max(0, numOpen - 1) }
      }
      if numAliases > maximumAliases { return (line, "more than \(maximumAliases) aliases; write the values out") }
      if numOpen > 4 * maximumDepth { return (line, "nested deeper than \(maximumDepth) levels") }
      previous = byte
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }

  private static func explanation(of error: YamlError) -> (line: Int, message: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      (mark.line, "not valid YAML: \(context.map { "\($0.text), " } ?? "")\(problem) (column \(mark.column))")
    case .composer(_, let problem, let mark, _): (mark.line, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      (
        context.mark.line,
        "written twice in one mapping: \(duplicates.map { "'\(OptionsNode.abbreviated($0))'" }.joined(separator: ", "))"
      )
    case .reader(let problem, _, _, _): (1, "not valid YAML: \(problem)")
    case .memory: (1, "not enough memory to read the YAML")
    default: (1, "not valid YAML")
    }
  }
}

// From the parser's nodes to the written tree, with what settings do not have reported: tags, keys that are no text.

/// Converts nodes, within a budget that an expanded alias also uses up.
struct NodeConverter {
  var numNodesLeft: Int
  let maximumDepth: Int
  let origin: (Int) -> OptionsIssue.Origin
  private(set) var issues: [OptionsIssue] = []

  init(numNodesLeft: Int, maximumDepth: Int, origin: @escaping (Int) -> OptionsIssue.Origin) {
    self.numNodesLeft = numNodesLeft
    self.maximumDepth = maximumDepth
    self.origin = origin
  }

  mutating func convert(_ node: Node, path: String, depth: Int, line: Int) throws(OptionsIssue) -> OptionsNode {
    let line = node.mark?.line ?? line
    numNodesLeft -= 1
    guard numNodesLeft >= 0 else { throw issue(line, "", "has more values than settings may have") }
    guard depth <= maximumDepth else { throw issue(line, "", "nested deeper than \(maximumDepth) levels") }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      checkTag(scalar.tag, line, path)
      return OptionsNode(.scalar(scalar.string, isPlain: isPlain), origin: origin(line))
    case .sequence(let sequence):
      checkTag(sequence.tag, line, path)
      var elements: [OptionsNode] = []
      for (index, element) in sequence.enumerated() {
        let elementPath = OptionsPosition.join(path, "\(index)")
        elements.append(try convert(element, path: elementPath, depth: depth + 1, line: line))
      }
      return OptionsNode(.list(elements), origin: origin(line))
    case .mapping(let mapping):
      checkTag(mapping.tag, line, path)
      var entries: [OptionsNode.Entry] = []
      for (key, value) in mapping {
        let keyLine = key.mark?.line ?? line
        guard case .scalar(let scalar) = key else {
          issues.append(issue(keyLine, path, "has a key that is no name"))
          continue
        }
        let keyPath = OptionsPosition.join(path, OptionsNode.abbreviated(scalar.string))
        let converted = try convert(value, path: keyPath, depth: depth + 1, line: keyLine)
        entries.append(OptionsNode.Entry(key: scalar.string, origin: origin(keyLine), value: converted))
      }
      return OptionsNode(.mapping(entries), origin: origin(line))
    case .alias:
      throw issue(line, path, "is an alias that names nothing")
    }
  }

  private mutating func checkTag(_ tag: Tag, _ line: Int, _ path: String) {
    let name = tag.description
    let plain: [Tag.Name] = [.implicit, .str, .seq, .map]
    if plain.contains(where: { $0.rawValue == name }) { return }
    issues.append(issue(line, path, "has the tag '\(OptionsNode.abbreviated(name))'; settings have no tags"))
  }

  private func issue(_ line: Int, _ path: String, _ message: String) -> OptionsIssue {
    OptionsIssue(path: path, origin: origin(line), kind: .syntax, message: message)
  }
}
