// The frame of one record: length (8 bytes, little endian), masked CRC of the length (4), payload, masked CRC of the
// payload (4).

import CISAL

/// The framing of TFRecord files.
public enum RecordFrame {
  /// Bytes before the payload.
  public static let headerCount = 12
  /// Bytes after the payload.
  public static let footerCount = 4

  /// A payload in its frame.
  public static func framed(_ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerCount + payload.count + footerCount)
    let length = littleEndianBytes(UInt64(payload.count))
    bytes += length
    bytes += littleEndianBytes(MaskedCRC32C.checksum(length))
    bytes += payload
    bytes += littleEndianBytes(MaskedCRC32C.checksum(payload))
    return bytes
  }

  /// Bytes around every payload.
  public static let overhead = headerCount + footerCount

  /// Adds the frame of the payload that `write` appends, and nothing where it throws; `write` may only append.
  /// - Returns: the size of the frame in bytes.
  public static func append<Failure: Error>(
    to bytes: inout [UInt8], writing write: (inout [UInt8]) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: headerCount))
    do throws(Failure) {
      try write(&bytes)
    } catch {
      bytes.removeLast(bytes.count - start)
      throw error
    }
    let count = bytes.count - start - headerCount
    let footer = bytes.withUnsafeMutableBytes { raw in
      let header = UnsafeMutableRawBufferPointer(rebasing: raw[start..<start + headerCount])
      header.storeBytes(of: UInt64(count).littleEndian, as: UInt64.self)
      let crc = MaskedCRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[..<8]))
      header.storeBytes(of: crc.littleEndian, toByteOffset: 8, as: UInt32.self)
      return MaskedCRC32C.checksum(UnsafeRawBufferPointer(rebasing: raw[(start + headerCount)...]))
    }
    bytes.append(contentsOf: littleEndianBytes(footer))
    return bytes.count - start
  }

  /// What the head of a frame says, or nil where its checksum is wrong. `header` has 12 bytes.
  static func length(header: UnsafeRawBufferPointer) -> UInt64? {
    let crc = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard MaskedCRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[..<8])) == crc else { return nil }
    return UInt64(littleEndian: header.loadUnaligned(as: UInt64.self))
  }

  static func littleEndianBytes(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

// The checksum of record files: CRC-32C (RFC 3720, appendix B.4), rotated and shifted so that the checksum of bytes
// that hold checksums is not degenerate.

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
