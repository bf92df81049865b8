/// Environment variables as numbers and names, with typed errors.
struct VariableReader {
  /// More processes than any launcher starts; what is above is a mistake.
  static let greatestSize = 1 << 20

  private let variables: [String: String]

  init(_ variables: [String: String]) { self.variables = variables }

  subscript(name: String) -> String? { variables[name] }

  /// A whole number from 0 on, in digits alone; nil where the variable is not set.
  func number(_ name: String, upTo greatest: Int = greatestSize) throws(LaunchEnvironmentError) -> Int? {
    guard let text = variables[name] else { return nil }
    guard let number = Self.number(text), number <= greatest else {
      throw .malformed(NamedValue(name, text), expected: "a whole number from 0 to \(greatest)")
    }
    return number
  }

  /// Two numbers that are both set or both not.
  func pair(_ first: String, _ second: String) throws(LaunchEnvironmentError) -> (Int, Int)? {
    switch (try number(first), try number(second)) {
    case (nil, nil): return nil
    case (let one?, let two?): return (one, two)
    case (_?, nil): throw .missing(second, besides: NamedValue(first, variables[first] ?? ""))
    case (nil, _?): throw .missing(first, besides: NamedValue(second, variables[second] ?? ""))
    }
  }

  /// The variables that are set, of those named.
  func named(_ names: String...) -> [NamedValue] {
    names.compactMap { name in variables[name].map { NamedValue(name, $0) } }
  }

  /// A host's name or address.
  func host(_ name: String) throws(LaunchEnvironmentError) -> String? {
    guard let text = variables[name] else { return nil }
    guard Self.isHost(text) else {
      throw .malformed(NamedValue(name, text), expected: "the name or address of a host")
    }
    return text
  }

  /// One to eighteen ASCII digits.
  static func number(_ text: some StringProtocol) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(text)
  }

  /// Letters, digits, and what else names, IPv4 and IPv6 addresses are made of.
  static func isHost(_ text: some StringProtocol) -> Bool {
    (1...253).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._:%".utf8.contains(byte)
      }
  }
}
