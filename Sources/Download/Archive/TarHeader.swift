// One header block of a tar archive: POSIX.1-1988 (ustar), GNU's variant of it, and the older form without a magic.
//
//   offset  0 name 100   100 mode   124 size 12   148 checksum 8   156 type 1   157 link 100   257 magic 8   345 prefix 155

/// A parsed header block.
struct TarHeader: Equatable {
  static let blockBytes = 512
  /// Sizes above are nonsense, and would overflow sums.
  private static let maxSize = 1 << 60

  /// The path: `prefix/name` in ustar.
  var path: [UInt8]
  /// The type, as the byte that the block has.
  var type: UInt8
  /// The bytes that follow, before padding.
  var size: Int

  /// Why a block is not a header.
  enum Fault: String, Error {
    case checksum = "a header has a wrong checksum"
    case size = "a header has a size that is not a number"
    case magic = "a header is of no known kind"
  }

  /// Parses 512 bytes that are not all zero.
  init(_ block: [UInt8]) throws(Fault) {
    precondition(block.count == Self.blockBytes, "a header has \(Self.blockBytes) bytes, not \(block.count)")
    guard let stated = Self.octal(block[148..<156]), Self.sums(of: block).contains(stated) else { throw .checksum }
    guard let size = Self.number(block[124..<136]), size <= Self.maxSize else { throw .size }
    self.size = size
    type = block[156]
    let name = Self.text(block[0..<100])
    switch Array(block[257..<265]) {
    case Array("ustar\u{0}00".utf8):
      let prefix = Self.text(block[345..<500])
      path = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    case Array("ustar  \u{0}".utf8), [UInt8](repeating: 0, count: 8):
      path = name
    default: throw .magic
    }
  }

  /// Bytes up to the first zero.
  static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// The sum with the checksum's own field as spaces; some old writers summed signed bytes.
  private static func sums(of block: [UInt8]) -> [Int] {
    var (unsigned, signed) = (0, 0)
    for (index, byte) in block.enumerated() {
      let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += Int(counted)
      signed += Int(Int8(bitPattern: counted))
    }
    return [unsigned, signed]
  }

  /// Octal digits, or GNU's binary form, whose first bit is set.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
    // Below zero would be 0xFF.
    guard first == 0x80 else { return nil }
    var value = 0
    for byte in field.dropFirst() {
      guard value <= maxSize >> 8 else { return nil }
      value = value << 8 | Int(byte)
    }
    return value
  }

  /// Octal digits between optional spaces and zeros; nothing at all is 0.
  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value <= maxSize >> 3 else { return nil }
      value = value << 3 | Int(digit - UInt8(ascii: "0"))
    }
    let rest = field[digits.endIndex...]
    return rest.allSatisfy { $0 == 0 || $0 == UInt8(ascii: " ") } ? value : nil
  }
}

/// One file or folder of an archive. Owner, mode and time are not kept: what is unpacked is the user's own.
struct TarEntry: Equatable {
  /// What an entry is.
  enum Kind: Equatable {
    case file
    case folder
  }

  /// The path as it stands in the archive, unchecked.
  var path: [UInt8]
  var kind: Kind
  /// The bytes of a file; 0 for a folder.
  var size: Int
}

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
