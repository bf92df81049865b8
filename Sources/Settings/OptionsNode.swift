// What was written: the tree of a settings file after its `--set` flags, every node with its origin.

/// A node of written settings.
struct OptionsNode: Sendable {
  enum Kind: Sendable {
    /// Text; plain if it stood without quotes.
    case scalar(String, isPlain: Bool)
    case list([OptionsNode])
    case mapping([Entry])
  }

  struct Entry: Sendable {
    var key: String
    /// Where the key stands.
    var origin: OptionsIssue.Origin
    var value: OptionsNode
  }

  var kind: Kind
  var origin: OptionsIssue.Origin
  /// The `type:` of this mapping in the file, where a flag has replaced it.
  var replacedType: String?

  init(_ kind: Kind, origin: OptionsIssue.Origin) {
    self.kind = kind
    self.origin = origin
  }

  /// The value under a key of a mapping, or at a position of a list.
  func child(_ key: String) -> OptionsNode? {
    switch kind {
    case .scalar: nil
    case .list(let elements): Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    case .mapping(let entries): entries.first { $0.key == key }?.value
    }
  }

  /// The entries of a mapping.
  var entries: [Entry]? {
    if case .mapping(let entries) = kind { entries } else { nil }
  }

  /// The text of a scalar.
  var text: String? {
    if case .scalar(let text, _) = kind { text } else { nil }
  }

  /// The text of a scalar without quotes.
  var plainText: String? {
    if case .scalar(let text, true) = kind { text } else { nil }
  }

  /// Whether nothing at all was written after the colon.
  var isEmpty: Bool { plainText == "" }

  /// Whether the node stands for no value: nothing, `null`, `~` or `none`, without quotes.
  var isNull: Bool {
    guard let plainText else { return false }
    return ["", "~", "null", "none"].contains(plainText.lowercased())
  }

  /// What stands here, for a message.
  var summary: String {
    switch kind {
    case .scalar where isEmpty: "nothing"
    case .scalar(let text, let isPlain):
      isPlain ? "'\(Self.abbreviated(text))'" : "the text '\(Self.abbreviated(text))'"
    case .list(let elements): "a list of \(elements.count)"
    case .mapping: "a mapping"
    }
  }

  /// A text fit for one line of a message: at most 60 characters, none of them a control character.
  static func abbreviated(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(60) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: result += scalar.escaped(asASCII: true)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + (text.unicodeScalars.count > 60 ? "..." : "")
  }
}

/// A place that is being decoded.
struct OptionsPosition {
  /// The dotted path.
  var path: String
  /// What was written, if anything.
  var node: OptionsNode?
  /// The default, if the place has one.
  var defaults: OptionsValue?

  /// The place of a key inside this one.
  func child(_ key: String) -> OptionsPosition {
    OptionsPosition(path: dotted(path, key), node: node?.child(key), defaults: defaults?[key])
  }

  /// The same place as if nothing had been written.
  var withoutNode: OptionsPosition { OptionsPosition(path: path, node: nil, defaults: defaults) }

  /// Whether anything is known about the place.
  var isPresent: Bool { node != nil || defaults != nil }

  /// Whether what holds here is no value.
  var isNull: Bool { node?.isNull ?? (defaults == nil || defaults == .null) }
}
