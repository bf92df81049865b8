// Text to numbers, truth values and texts, by the type that is asked for and not by YAML's guesses: a text field takes
// `no` and `001` as they stand, a number field takes `1e-3` and `.05`.

/// A type that is written as one scalar.
protocol OptionsScalar: OptionsDecodable, OptionsEncodable {
  /// What is expected, to follow "expected".
  static var expectation: String { get }
  /// The value that a node stands for, or nil.
  static func parse(_ node: OptionsNode) -> Self?
  /// The value that a default stands for, or nil.
  init?(_ value: OptionsValue)
}

extension OptionsScalar {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> Self {
    if let node = position.node {
      if let value = parse(node) { return value }
      reader.report(.wrongValue, at: position, "found \(node.summary), expected \(expectation)")
    } else if let defaults = position.defaults {
      if let value = Self(defaults) { return value }
      reader.report(.wrongValue, at: position, "found \(defaults.literal ?? "a default"), expected \(expectation)")
    } else {
      reader.report(.missing, at: position, "is missing, expected \(expectation)")
    }
    throw Undecodable()
  }
}

extension Bool: OptionsScalar {
  static var expectation: String { "true or false" }

  static func parse(_ node: OptionsNode) -> Bool? {
    switch node.plainText?.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  init?(_ value: OptionsValue) {
    guard case .bool(let value) = value else { return nil }
    self = value
  }

  func optionsValue() -> OptionsValue { .bool(self) }
}

extension String: OptionsScalar {
  static var expectation: String { "a text" }

  static func parse(_ node: OptionsNode) -> String? { node.isNull ? nil : node.text }

  init?(_ value: OptionsValue) {
    guard case .string(let value) = value else { return nil }
    self = value
  }

  func optionsValue() -> OptionsValue { .string(self) }
}
