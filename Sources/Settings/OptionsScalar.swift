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

// Numbers. The grammar is a decimal number with an optional sign, fraction and exponent; Swift's own parser would also
// take hexadecimal, `nan` and `inf`.

/// A plain decimal number, or nil.
private func decimalText(_ node: OptionsNode) -> String? {
  guard let text = node.plainText, text.utf8.count <= 400 else { return nil }
  var rest = text.utf8[...]
  func skipDigits() -> Int {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.count
  }
  func skip(_ characters: String) -> Bool {
    guard let first = rest.first, characters.utf8.contains(first) else { return false }
    rest = rest.dropFirst()
    return true
  }
  _ = skip("+-")
  var numDigits = skipDigits()
  if skip(".") { numDigits += skipDigits() }
  guard numDigits > 0 else { return nil }
  if skip("eE") {
    _ = skip("+-")
    guard skipDigits() > 0 else { return nil }
  }
  return rest.isEmpty ? text : nil
}

extension OptionsScalar where Self: FixedWidthInteger {
  static var expectation: String {
    Self.isSigned && Self.bitWidth == 64 ? "an integer" : "an integer from \(Self.min) to \(Self.max)"
  }

  static func parse(_ node: OptionsNode) -> Self? {
    guard let text = decimalText(node) else { return nil }
    // A whole number in exponent form (1e6) counts, up to where a double still knows every integer.
    return Self(text)
      ?? Double(text).flatMap { number in
        number.magnitude <= 0x1p53 && text.contains { "eE.".contains($0) } ? Self(exactly: number) : nil
      }
  }

  init?(_ value: OptionsValue) {
    switch value {
    case .int(let value): self.init(exactly: value)
    case .unsigned(let value): self.init(exactly: value)
    default: return nil
    }
  }

  func optionsValue() -> OptionsValue {
    Int64(exactly: self).map(OptionsValue.int) ?? .unsigned(UInt64(self))
  }
}

extension Int: OptionsScalar {}
extension Int8: OptionsScalar {}
extension Int16: OptionsScalar {}
extension Int32: OptionsScalar {}
extension Int64: OptionsScalar {}
extension UInt: OptionsScalar {}
extension UInt8: OptionsScalar {}
extension UInt16: OptionsScalar {}
extension UInt32: OptionsScalar {}
extension UInt64: OptionsScalar {}

extension Double: OptionsScalar {
  static var expectation: String { "a finite number" }

  static func parse(_ node: OptionsNode) -> Double? {
    decimalText(node).flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
  }

  init?(_ value: OptionsValue) {
    switch value {
    case .double(let value) where value.isFinite: self = value
    case .int(let value): self = Double(value)
    default: return nil
    }
  }

  func optionsValue() -> OptionsValue { .double(self) }
}

extension Float: OptionsScalar {
  static var expectation: String { "a finite number in single precision" }

  static func parse(_ node: OptionsNode) -> Float? {
    decimalText(node).flatMap(Float.init).flatMap { $0.isFinite ? $0 : nil }
  }

  init?(_ value: OptionsValue) {
    switch value {
    case .float(let value) where value.isFinite: self = value
    case .int(let value): self = Float(value)
    default: return nil
    }
  }

  func optionsValue() -> OptionsValue { .float(self) }
}
