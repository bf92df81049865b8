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
      let entryPath = dotted(path, entry.key)
      return (entry.key == name ? [entryPath] : []) + entry.value.paths(endingIn: name, from: entryPath)
    }
  }
}
