// The frame of one record: length (8 bytes, little endian), masked CRC of the length (4), payload, masked CRC of the
// payload (4).

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

  static func littleEndianBytes(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func integer<Value: FixedWidthInteger & UnsignedInteger>(_ bytes: ArraySlice<UInt8>) -> Value {
    bytes.reversed().reduce(0) { $0 << 8 | Value($1) }
  }
}
