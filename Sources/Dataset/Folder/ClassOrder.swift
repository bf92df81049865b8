// In which order the folders of an image set become class indices.

/// The order of classes.
public enum ClassOrder: String, Codable, Sendable, CaseIterable {
  /// By the bytes of the names: `10` before `2`, `Z` before `a`. What torchvision and timm do.
  case byte
  /// Runs of digits count as numbers: `2` before `10`; ties go by bytes.
  case natural

  /// The names in this order.
  func sorted(_ names: [BytePath]) -> [BytePath] {
    switch self {
    case .byte: names.sorted()
    case .natural: names.sorted { Self.naturallyPrecedes($0.bytes[...], $1.bytes[...]) ?? ($0 < $1) }
    }
  }

  /// Whether `a` comes before `b`; nil where they differ in leading zeros only, or not at all.
  private static func naturallyPrecedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool? {
    var a = a
    var b = b
    while let x = a.first, let y = b.first {
      if isDigit(x), isDigit(y) {
        let m = takeNumber(&a)
        let n = takeNumber(&b)
        if m.count != n.count { return m.count < n.count }
        if m != n { return m.lexicographicallyPrecedes(n) }
      } else if x != y {
        return x < y
      } else {
        a = a.dropFirst()
        b = b.dropFirst()
      }
    }
    return a.isEmpty == b.isEmpty ? nil : a.isEmpty
  }

  private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(digits.count)
    return digits.drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
