// One `--set path=value`: the value is YAML, and replaces or adds a node of the written tree.

/// A parsed `--set` flag.
struct OptionsOverride {
  let flag: String
  let path: [String]
  let value: OptionsNode

  private static let maximumDepth = 32

  /// Parses `path=value`. Throws the one issue that makes the flag useless; further ones go to `issues`.
  init(_ flag: String, issues: inout [OptionsIssue]) throws(OptionsIssue) {
    let shown = OptionsNode.abbreviated(flag)
    self.flag = shown
    func issue(_ message: String) -> OptionsIssue {
      OptionsIssue(path: "", origin: .flag(shown), kind: .override, message: message)
    }
    guard let separator = flag.firstIndex(of: "=") else { throw issue("expected path=value, as in training.epochs=10") }
    path = flag[..<separator].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard path.allSatisfy({ !$0.isEmpty }), path.count <= Self.maximumDepth else {
      throw issue("expected a path of names between dots before the '='")
    }
    do {
      value =
        try YAMLReader.parse(String(flag[flag.index(after: separator)...]), issues: &issues) { _ in .flag(shown) }
        ?? OptionsNode(.scalar("", isPlain: true), origin: .flag(shown))
    } catch {
      throw issue("the value is not YAML (\(error.message)); put it in quotes if it is a text")
    }
  }

  /// The written tree with this flag in it.
  func applied(to root: OptionsNode?) throws(OptionsIssue) -> OptionsNode {
    try placed(in: root, path[...], under: "")
  }

  private func placed(in node: OptionsNode?, _ rest: ArraySlice<String>, under path: String) throws(OptionsIssue)
    -> OptionsNode
  {
    guard let key = rest.first else { return value }
    let keyPath = dotted(path, key)
    var node = node ?? OptionsNode(.mapping([]), origin: .flag(flag))
    switch node.kind {
    case .scalar:
      // A bare name where a tagged section may stand is its type.
      let typeEntry = OptionsNode.Entry(key: "type", origin: node.origin, value: node)
      var mapping = OptionsNode(
        .mapping(node.isNull ? [] : [typeEntry]), origin: node.isNull ? .flag(flag) : node.origin)
      if key == "type" { mapping.replacedType = node.text }
      return try placed(in: mapping, rest, under: path)
    case .list(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        throw OptionsIssue(
          path: keyPath, origin: .flag(flag), kind: .override,
          message: "the list has \(elements.count) elements, counted from 0")
      }
      elements[index] = try placed(in: elements[index], rest.dropFirst(), under: keyPath)
      node.kind = .list(elements)
    case .mapping(var entries):
      let index = entries.firstIndex { $0.key == key }
      let old = index.map { entries[$0].value }
      let new = try placed(in: old, rest.dropFirst(), under: keyPath)
      if key == "type", let old, !old.origin.isFlag { node.replacedType = old.text }
      let entry = OptionsNode.Entry(key: key, origin: index.map { entries[$0].origin } ?? .flag(flag), value: new)
      if let index { entries[index] = entry } else { entries.append(entry) }
      node.kind = .mapping(entries)
    }
    return node
  }
}
