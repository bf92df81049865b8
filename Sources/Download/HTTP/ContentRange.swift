// The header `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4), or `bytes */TOTAL` of an answer 416.

/// Which part of a file an answer holds.
struct ContentRange: Equatable {
  /// The first byte; nil in an answer without one.
  var first: Int?
  /// The size of the whole file; nil where the server does not tell.
  var total: Int?

  /// Parses the header's value; nil where it is malformed or contradicts itself.
  init?(_ value: String) {
    let text = value.lowercased().drop { $0 == " " }
    guard text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    if parts[1] != "*" {
      guard let total = Self.number(parts[1]) else { return nil }
      self.total = total
    }
    guard parts[0] != "*" else { return }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
      total.map({ last < $0 }) ?? true
    else { return nil }
    self.first = first
  }

  /// One to eighteen digits.
  static func number(_ text: some StringProtocol) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(text)
  }
}
