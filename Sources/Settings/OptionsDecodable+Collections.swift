// Lists, dictionaries and optionals, read element by element so that a fault in one does not hide a fault in another.

extension Array: OptionsDecodable where Element: Decodable {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> [Element] {
    var result: [Element] = []
    var isFaulty = false
    for element in try reader.elements(at: position) {
      do {
        result.append(try reader.value(Element.self, at: element))
      } catch is Undecodable {
        isFaulty = true
      }
    }
    if isFaulty { throw Undecodable() }
    return result
  }
}

extension Dictionary: OptionsDecodable where Key == String, Value: Decodable {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> [String: Value] {
    var result: [String: Value] = [:]
    var isFaulty = false
    if let node = position.node, node.entries == nil {
      reader.report(.wrongValue, at: position, "found \(node.summary), expected a mapping")
      throw Undecodable()
    }
    if !position.isPresent {
      reader.report(.missing, at: position, "is missing, expected a mapping")
      throw Undecodable()
    }
    for key in position.node?.entries?.map(\.key) ?? position.defaults?.keys ?? [] {
      do {
        result[key] = try reader.value(Value.self, at: position.child(key))
      } catch is Undecodable {
        isFaulty = true
      }
    }
    if isFaulty { throw Undecodable() }
    return result
  }
}

extension Optional: OptionsDecodable where Wrapped: Decodable {
  static func decode(at position: OptionsPosition, with reader: OptionsReader) throws -> Wrapped? {
    // `none` may be one of an enumeration's own names.
    let isName = position.node?.text.map { allowedNames(of: Wrapped.self)?.contains($0) == true } ?? false
    if position.isNull, !isName { return .none }
    return try reader.value(Wrapped.self, at: position)
  }
}
