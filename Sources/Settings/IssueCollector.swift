// What a section's `validate` reports into: it knows the section's path and which of its fields already have faults.

/// Collects the complaints of one section's checks.
public struct IssueCollector {
  let section: OptionsPosition
  let knownKeys: Set<String>
  let isFaulty: (String) -> Bool
  private(set) var issues: [OptionsIssue] = []

  init(section: OptionsPosition, knownKeys: Set<String>, isFaulty: @escaping (String) -> Bool) {
    self.section = section
    self.knownKeys = knownKeys
    self.isFaulty = isFaulty
  }

  /// Reports a value unless a condition holds.
  ///
  /// - Parameters:
  ///   - condition: What must hold.
  ///   - key: The key in this section, in snake case or as the property is called; dotted for a key further inside.
  ///   - found: The value as it is.
  ///   - expected: What is expected, to follow "expected": "at least 1", "less than epochs (10)".
  ///   - related: Further keys that the rule reads; if one of them has a fault of its own, this complaint is dropped.
  public mutating func check(
    _ condition: Bool, _ key: String, found: Any, _ expected: @autoclosure () -> String, related: [String] = []
  ) {
    let path = resolve(key)
    let others = related.map(resolve)
    if condition || ([path] + others).contains(where: hasFault) { return }
    let text = OptionsNode.abbreviated("\(found)")
    issues.append(
      OptionsIssue(
        path: path, origin: origin(of: key), kind: .invalid, message: "found \(text), expected \(expected())"))
  }

  /// Reports a value outside a range.
  public mutating func check<Value: Comparable>(_ key: String, _ value: Value, in range: ClosedRange<Value>) {
    check(range.contains(value), key, found: value, "from \(range.lowerBound) to \(range.upperBound)")
  }

  /// Reports a value below a bound.
  public mutating func check<Value: Comparable>(_ key: String, _ value: Value, atLeast bound: Value) {
    check(value >= bound, key, found: value, "at least \(bound)")
  }

  /// Reports a value that is not above a bound.
  public mutating func check<Value: Comparable>(_ key: String, _ value: Value, above bound: Value) {
    check(value > bound, key, found: value, "more than \(bound)")
  }

  /// Reports a broken rule that belongs to the whole section.
  public mutating func report(_ message: String, related: [String] = []) {
    if related.map(resolve).contains(where: hasFault) { return }
    issues.append(
      OptionsIssue(path: section.path, origin: section.node?.origin ?? .defaults, kind: .invalid, message: message))
  }

  /// Reports a fault of one key in words of one's own, unless it has one already.
  public mutating func report(_ message: String, at key: String) {
    let path = resolve(key)
    if hasFault(path) { return }
    issues.append(OptionsIssue(path: path, origin: origin(of: key), kind: .invalid, message: message))
  }

  private func hasFault(_ path: String) -> Bool { isFaulty(path) || issues.contains { $0.path == path } }

  private func resolve(_ key: String) -> String {
    let parts = key.split(separator: ".").map { snakeCase(String($0)) }
    precondition(
      parts.first.map(knownKeys.contains) == true,
      "validate at '\(section.path)' names '\(key)', which is none of \(knownKeys.sorted())")
    return parts.reduce(section.path) { dotted($0, $1) }
  }

  /// The place where the key was written, else where the nearest section around it was.
  private func origin(of key: String) -> OptionsIssue.Origin {
    var node = section.node
    var origin = node?.origin ?? .defaults
    for part in key.split(separator: ".") {
      node = node?.child(snakeCase(String(part)))
      origin = node?.origin ?? origin
    }
    return origin
  }
}
