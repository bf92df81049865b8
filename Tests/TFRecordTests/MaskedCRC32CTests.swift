import TFRecord
import Testing

@Suite struct MaskedCRC32CTests {
  /// The vectors of RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  private static let vectors: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
    ([UInt8]("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  @Test(arguments: vectors)
  func knownVectors(bytes: [UInt8], crc: UInt32) {
    #expect(bytes.withUnsafeBytes { MaskedCRC32C.crc($0) } == crc)
  }

  @Test func masked() {
    // The masked checksum of a length of 24, as in the first record of every event file.
    #expect(MaskedCRC32C.checksum([0x18, 0, 0, 0, 0, 0, 0, 0]) == 0x224B_7FA3)
    #expect(MaskedCRC32C.checksum([]) == 0xA282_EAD8)
  }
}
