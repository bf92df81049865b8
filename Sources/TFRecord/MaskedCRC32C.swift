// The checksum of record files: CRC-32C (RFC 3720, appendix B.4), rotated and shifted so that the checksum of bytes
// that hold checksums is not degenerate.

import CISAL

/// The masked CRC-32C of TFRecord files.
public enum MaskedCRC32C {
  private static let delta: UInt32 = 0xA282_EAD8

  /// The CRC-32C of bytes, unmasked.
  public static func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 { cisal_crc32c(bytes.baseAddress, bytes.count) }

  /// The CRC-32C of what had the CRC-32C `crc`, followed by these bytes; `crc` is 0 for nothing.
  public static func crc(_ crc: UInt32, extendedBy bytes: UnsafeRawBufferPointer) -> UInt32 {
    cisal_crc32c_extend(crc, bytes.baseAddress, bytes.count)
  }

  /// The masked CRC-32C of bytes: the CRC rotated right by 15 bits, plus a constant.
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let crc = crc(bytes)
    return (crc >> 15 | crc << 17) &+ delta
  }

  /// The masked CRC-32C of bytes.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }
}
