// A path as the file system keeps it: bytes, not characters.
//
// Swift strings hold Unicode and compare by canonical equivalence, so that two different files can be equal strings and
// a Latin-1 name cannot be held at all. A BytePath compares, sorts and hashes by its bytes, and reaches the kernel
// unchanged.

/// A path of a file or folder, as bytes.
public struct BytePath: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The bytes, without the closing zero.
  public let bytes: [UInt8]

  /// A path of the given bytes; everything from a zero byte on is left out, as the kernel would.
  public init(bytes: [UInt8]) {
    if let end = bytes.firstIndex(of: 0) { self.bytes = Array(bytes[..<end]) } else { self.bytes = bytes }
  }

  /// The path that a string spells in UTF-8.
  public init(_ string: String) { self.init(bytes: Array(string.utf8)) }

  /// The path that a literal spells.
  public init(stringLiteral value: String) { self.init(value) }

  /// Byte order, which is the same on every file system and in every locale.
  public static func < (a: BytePath, b: BytePath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

  /// The name for people and logs: the text itself where it is UTF-8, with `\xNN` for every other byte and for control
  /// characters, so that it always stays on one line.
  public var description: String {
    if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      return text
    }
    var result = ""
    var rest = bytes[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let character = rest.prefix(length)
      if first >= 0x20, first != 0x7F, let text = String(validating: character, as: UTF8.self) {
        result += text
        rest = rest.dropFirst(length)
      } else {
        result += "\\x" + (first < 16 ? "0" : "") + String(first, radix: 16)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// The path of `name` inside this folder.
  public func appending(_ name: BytePath) -> BytePath {
    if bytes.isEmpty { return name }
    return BytePath(bytes: bytes.last == slash ? bytes + name.bytes : bytes + [slash] + name.bytes)
  }

  /// The last component: `c.jpg` of `a/b/c.jpg`, without closing slashes.
  public var lastComponent: BytePath {
    let trimmed = bytes[..<(bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0)]
    guard let cut = trimmed.lastIndex(of: slash) else { return BytePath(bytes: Array(trimmed)) }
    return BytePath(bytes: Array(trimmed[(cut + 1)...]))
  }

  /// The folder that holds the last component: `a/b` of `a/b/c.jpg`, `.` of `c.jpg`.
  public var parent: BytePath {
    let trimmed = bytes[..<(bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0)]
    guard let cut = trimmed.lastIndex(of: slash) else { return trimmed.isEmpty && !bytes.isEmpty ? "/" : "." }
    return cut == 0 ? "/" : BytePath(bytes: Array(trimmed[..<cut]))
  }

  /// What follows the last dot of the last component, in lower case; empty where there is none.
  public var pathExtension: String {
    let name = lastComponent.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return "" }
    let lowered = name[(dot + 1)...].map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
    return String(validating: lowered, as: UTF8.self) ?? BytePath(bytes: lowered).description
  }

  /// Calls `body` with the path as a C string.
  public func withCString<Result, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try (bytes + [0]).withUnsafeBufferPointer { buffer throws(Failure) in
      try buffer.withMemoryRebound(to: CChar.self) { buffer throws(Failure) in try body(buffer.baseAddress!) }
    }
  }

  /// True for `name` and `name/...`: whether this path lies in the folder or is it. Both must be resolved.
  package func isInside(_ folder: BytePath) -> Bool {
    if bytes == folder.bytes || folder.bytes == [slash] { return true }
    return bytes.starts(with: folder.bytes + [slash])
  }
}

private let slash = UInt8(ascii: "/")
