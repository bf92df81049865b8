// How a name that need not be text stands in JSON, which is.

package import Settings

extension BytePath {
  /// The text where the bytes are UTF-8, control characters included; nil else.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The bytes in hexadecimal.
  package var hexadecimal: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

  /// `key`: the text of the path. Where it is no UTF-8, `key` has `\xNN` for what is none, for people, and `key_bytes` is
  /// the path in hexadecimal.
  package func entries(_ key: String) -> [OptionsValue.Entry] {
    if let text { return [.init(key, .string(text))] }
    return [.init(key, .string(description)), .init("\(key)_bytes", .string(hexadecimal))]
  }
}
