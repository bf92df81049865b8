@testable import Download

/// Writes tar archives, the impossible ones too.
struct TarBuilder {
  var bytes: [UInt8] = []

  /// Adds an entry. `size` is what the header claims, by default the truth.
  mutating func add(
    _ path: String, _ data: [UInt8] = [], type: Character = "0", link: String = "", size: Int? = nil,
    sizeField: [UInt8]? = nil, change: (inout [UInt8]) -> Void = { _ in }
  ) {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int, upTo length: Int) {
      for (index, byte) in text.utf8.prefix(length).enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(path, at: 0, upTo: 100)
    put(octal(0o6777, digits: 7), at: 100, upTo: 7)
    put(octal(size ?? data.count, digits: 11), at: 124, upTo: 11)
    if let sizeField { block.replaceSubrange(124..<136, with: sizeField) }
    block[156] = type.asciiValue ?? 0
    put(link, at: 157, upTo: 100)
    put("ustar\u{0}00", at: 257, upTo: 8)
    change(&block)
    for index in 148..<156 { block[index] = 32 }
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + "\u{0}", at: 148, upTo: 7)
    bytes += block + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
  }

  /// Adds a pax header with records for the next entry.
  mutating func addPax(_ records: [(String, String)], type: Character = "x") {
    let body = records.map { key, value -> String in
      let tail = " \(key)=\(value)\n"
      var length = tail.utf8.count + 1
      while "\(length)".count + tail.utf8.count != length { length = "\(length)".count + tail.utf8.count }
      return "\(length)\(tail)"
    }
    add("PaxHeader", Array(body.joined().utf8), type: type)
  }

  /// The archive with its end.
  var archive: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// The archive as gzip.
  var gzip: [UInt8] { Self.gzip(archive) }

  /// A gzip member of stored blocks: no compression, but a right checksum.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let count = min(0xFFFF, bytes.count - start)
      let isLast = start + count == bytes.count
      result += [isLast ? 1 : 0] + little(UInt32(count), 2) + little(~UInt32(count), 2) + bytes[start..<start + count]
      start += count
    } while start < bytes.count
    return result + little(crc32(bytes), 4) + little(UInt32(bytes.count), 4)
  }

  private static func little(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
  }

  private static let crcTable = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 0 ? 0 : 0xEDB8_8320) }
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in crc >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
  }
}

/// Bytes in memory, in pieces of a given size.
final class MemorySource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let piece: Int

  init(_ bytes: [UInt8], piece: Int = .max) {
    rest = bytes[...]
    self.piece = piece
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let taken = rest.prefix(min(piece, buffer.count))
    buffer.copyBytes(from: taken)
    rest = rest.dropFirst(taken.count)
    return taken.count
  }
}
