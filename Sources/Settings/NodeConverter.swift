// From the parser's nodes to the written tree, with what settings do not have reported: tags, keys that are no text.

import Yams

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
