/// What is wrong with one of timm's strings for automatic augmentation.
public enum TimmAugmentConfigError: Error, Equatable, CustomStringConvertible {
  /// Longer than any sensible one.
  case tooLong
  /// The part before the first dash.
  case unknownScheme(String)
  /// A section that is no name and value.
  case badSection(String)
  /// A section given twice.
  case repeatedSection(String)
  /// A section that the scheme does not have, and those that it has.
  case unknownSection(String, [String])
  /// A section with its value, and what is expected.
  case wrongValue(String, String)

  /// One line: what, and what to write instead.
  public var description: String {
    switch self {
    case .tooLong: "is longer than 200 characters"
    case .unknownScheme(let name):
      "begins with '\(name.prefix(40))', expected rand, augmix, "
        + TimmPolicy.allCases.map(\.rawValue).joined(separator: ", ")
    case .badSection(let text): "holds '\(text.prefix(40))', expected a name and a value, such as m9"
    case .repeatedSection(let name): "holds '\(name)' twice"
    case .unknownSection(let name, let names):
      "holds '\(name.prefix(40))', expected one of \(names.joined(separator: ", "))"
    case .wrongValue(let section, let expected): "holds '\(section.prefix(40))', expected \(expected)"
    }
  }
}
