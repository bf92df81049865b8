/// The sections of one of timm's strings: letters and a value each.
struct TimmSections {
  private(set) var texts: [String: String] = [:]
  /// What a decimal number is made of.
  private static let numerals = Set("0123456789.e+".utf8)

  init(_ parts: ArraySlice<Substring>, of text: String) throws(TimmAugmentConfigError) {
    for part in parts {
      let name =
        part.hasPrefix("t") ? "t" : part.hasPrefix("mstd") ? "mstd" : String(part.prefix { $0 >= "a" && $0 <= "z" })
      let value = part.dropFirst(name.count)
      guard !name.isEmpty, !value.isEmpty else { throw .badSection(String(part)) }
      guard texts[name] == nil else { throw .repeatedSection(name) }
      texts[name] = String(value)
    }
  }

  func allow(_ names: [String]) throws(TimmAugmentConfigError) {
    for name in texts.keys.sorted() where !names.contains(name) { throw .unknownSection(name, names) }
  }

  func number(_ name: String, in range: ClosedRange<Double>) throws(TimmAugmentConfigError) -> Double? {
    guard let text = texts[name] else { return nil }
    guard text.utf8.allSatisfy(Self.numerals.contains), let number = Double(text), range.contains(number) else {
      throw .wrongValue(name + text, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(TimmAugmentConfigError) -> Int? {
    guard let text = texts[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .wrongValue(name + text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func noise() throws(TimmAugmentConfigError) -> TimmMagnitude.Noise? {
    if texts["mstd"] == "inf" { return .uniform }
    guard let deviation = try number("mstd", in: 0...1e6) else { return nil }
    return deviation == 0 ? TimmMagnitude.Noise.none : deviation > 100 ? .uniform : .normal(deviation: deviation)
  }
}
