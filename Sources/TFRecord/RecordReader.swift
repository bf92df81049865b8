// Reads framed records one after another; every checksum is checked, and no length is believed before it is.

/// Reads a record file strictly. Not safe to use from several threads at once.
public final class RecordReader {
  /// The file.
  public let path: String
  /// Where the next record begins, in bytes from the start of the file.
  public private(set) var offset = 0
  private let file: RecordFile

  /// The longest payload that is accepted, in bytes.
  public var maximumLength: Int { file.maximumLength }

  /// Opens a file.
  ///
  /// - Throws: `RecordError` if it cannot be opened.
  public init(path: String, maximumLength: Int = 1 << 30) throws(RecordError) {
    self.path = path
    file = try RecordFile(path: path, maximumLength: maximumLength)
  }

  /// The payload of the next record, or nil at the end of the file.
  ///
  /// - Throws: `RecordError` with the record's offset; the reader stays at that record.
  public func next() throws(RecordError) -> [UInt8]? {
    if offset == file.size { return nil }
    let length = try file.length(at: offset)
    guard length <= file.size - offset - RecordFrame.overhead else { throw file.failure(offset, .truncated) }
    let record = offset..<offset + length + RecordFrame.overhead
    let payload = try file.payload(in: record)
    offset = record.upperBound
    return payload
  }
}
