// One value or several, as the reference libraries' arguments are: `size=224` or `size=[224, 160]`.

/// A setting that is written as one value or as a list of them; which of the two it was is kept.
public enum ScalarOrList<Element: Codable & Sendable & Equatable>: Sendable, Equatable {
  /// One value.
  case scalar(Element)
  /// A list in brackets.
  case list([Element])

  /// The values; one if no list was written.
  public var elements: [Element] {
    switch self {
    case .scalar(let element): [element]
    case .list(let elements): elements
    }
  }

  /// Whether a list was written.
  public var isList: Bool {
    if case .list = self { true } else { false }
  }
}

extension ScalarOrList: Codable {
  /// Writes the value, or the list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .scalar(let element): try container.encode(element)
    case .list(let elements): try container.encode(elements)
    }
  }

  /// Reads a value or a list, with other decoders than the settings loader.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = .scalar(try container.decode(Element.self))
    } catch {
      self = .list(try container.decode([Element].self))
    }
  }
}

extension ScalarOrList: OptionsDecodable {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> ScalarOrList {
    let isList =
      switch (position.node?.kind, position.defaults) {
      case (.list, _), (nil, .list): true
      // `--set size.0=3` changes an element of a default list.
      case (.mapping, .list): true
      default: false
      }
    return isList
      ? .list(try reader.value([Element].self, at: position)) : .scalar(try reader.value(Element.self, at: position))
  }
}
