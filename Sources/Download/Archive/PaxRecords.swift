// The records of a pax header (POSIX.1-2001): "LENGTH KEY=VALUE\n", where LENGTH counts the whole record in decimal.

/// What a pax header says of the entry after it.
struct PaxRecords: Equatable {
  var path: [UInt8]?
  var size: Int?
  /// A key that changes how the data is stored, which is not read here.
  var sparseKey: String?

  /// Parses the body of a header; nil where it is malformed.
  init?(_ body: [UInt8]) {
    var rest = body[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Self.decimal(rest[..<space]), length <= rest.count
      else { return nil }
      let record = rest.prefix(length)
      guard record.last == UInt8(ascii: "\n"), record.endIndex > space + 1 else { return nil }
      let pair = record[(space + 1)...].dropLast()
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let value = Array(pair[(equals + 1)...])
      switch String(decoding: pair[..<equals], as: UTF8.self) {
      case "path": path = value
      case "size":
        guard let number = Self.decimal(value[...]) else { return nil }
        size = number
      case let key where key.hasPrefix("GNU.sparse."): sparseKey = key
      default: break
      }
      rest = rest.dropFirst(length)
    }
  }

  /// One to eighteen decimal digits.
  private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...18).contains(digits.count) else { return nil }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }
}
