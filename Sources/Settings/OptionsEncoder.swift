// From a section to its values: what is printed, and where the decoder finds defaults.

/// Turns settings into values with snake-case keys in the order of declaration.
public enum OptionsEncoder {
  /// The values of a section; optionals without a value are `.null`.
  ///
  /// Traps where a type's own `encode(to:)` throws: options are plain values, so that is a programmer's error.
  public static func encode(_ options: some Encodable) -> OptionsValue {
    let node = EncodedNode()
    do {
      try node.encode(options)
    } catch {
      preconditionFailure("\(type(of: options)) cannot be encoded as options: \(error)")
    }
    return node.value
  }
}

/// A type with an encoding of its own: the scalars, and dictionaries, whose keys are data and stay as they are.
protocol OptionsEncodable {
  func optionsValue() throws -> OptionsValue
}

extension Dictionary: OptionsEncodable where Key == String, Value: Encodable {
  func optionsValue() throws -> OptionsValue {
    .mapping(
      try keys.sorted().map { key in
        let node = EncodedNode()
        if let value = self[key] { try node.encode(value) }
        return OptionsValue.Entry(key, node.value)
      })
  }
}

extension Optional: OptionsEncodable where Wrapped: Encodable {
  func optionsValue() throws -> OptionsValue {
    guard let self else { return .null }
    let node = EncodedNode()
    try node.encode(self)
    return node.value
  }
}
