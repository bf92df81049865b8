/// The size of a file and the CRC-32C of its bytes, by which a checkpoint knows its files again.
struct FileContents: Equatable, Codable {
  var bytes: Int
  var crc: UInt32

  private enum CodingKeys: String, CodingKey {
    case bytes
    case crc = "crc32c"
  }

  init(bytes: Int, crc: UInt32) {
    self.bytes = bytes
    self.crc = crc
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    bytes = try values.decode(Int.self, forKey: .bytes)
    guard let crc = UInt32(try values.decode(String.self, forKey: .crc), radix: 16) else {
      throw DecodingError.dataCorruptedError(forKey: .crc, in: values, debugDescription: "no checksum")
    }
    self.crc = crc
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(bytes, forKey: .bytes)
    try values.encode(Self.digits(crc), forKey: .crc)
  }

  /// Eight hexadecimal digits.
  static func digits(_ crc: UInt32) -> String {
    let digits = String(crc, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// What tells `found` from these contents; nil where nothing does.
  func difference(from found: FileContents) -> String? {
    if bytes != found.bytes { return "it has \(found.bytes) bytes, \(bytes) were saved" }
    guard crc != found.crc else { return nil }
    return "its checksum is \(Self.digits(found.crc)), \(Self.digits(crc)) was saved"
  }
}
