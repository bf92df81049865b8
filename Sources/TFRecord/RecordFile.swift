// Reads records by their place, from any number of threads.

public import Files

/// A record file that is open for reading by place.
public final class RecordFile: Sendable {
  /// The file, fit for a message.
  public let path: String
  /// The longest payload that is accepted, in bytes.
  public let maximumLength: Int
  private let file: FileReader

  /// The size when it was opened, in bytes.
  public var size: Int { file.size }

  /// Opens a regular file.
  ///
  /// - Throws: `RecordError` if it cannot be opened, or is a folder, a pipe or a device.
  public convenience init(path: String, maximumLength: Int = 1 << 30) throws(RecordError) {
    try self.init(BytePath(path), maximumLength: maximumLength)
  }

  /// Opens a regular file.
  ///
  /// - Throws: `RecordError` if it cannot be opened, or is a folder, a pipe or a device.
  public init(_ path: BytePath, maximumLength: Int = 1 << 30) throws(RecordError) {
    self.path = path.description
    self.maximumLength = maximumLength
    do throws(FileError) { file = try FileReader(path) } catch { throw RecordError(error) }
  }

  /// The length of the payload of the record at `offset`, its checksum checked.
  public func length(at offset: Int) throws(RecordError) -> Int {
    try withUnsafeTemporaryAllocation(byteCount: RecordFrame.headerCount, alignment: 8) { header in
      Result { () throws(RecordError) in
        guard offset >= 0, offset <= size - RecordFrame.headerCount else { throw failure(offset, .truncated) }
        try read(header, at: offset, of: offset)
        return try length(header: UnsafeRawBufferPointer(header), at: offset)
      }
    }.get()
  }

  /// The index, made by going from frame to frame; payloads are not read.
  ///
  /// - Throws: `RecordError` at the first frame whose length is corrupt or leads out of the file.
  public func scan() throws(RecordError) -> RecordIndex {
    var offsets = [0]
    var offset = 0
    while offset < size {
      offset += try length(at: offset) + RecordFrame.overhead
      guard offset <= size else { throw failure(offsets[offsets.count - 1], .truncated) }
      offsets.append(offset)
    }
    return RecordIndex(offsets: offsets)
  }

  /// The payload of the record in `range`, frame included, as an index has it.
  ///
  /// - Parameter verify: whether the payload's checksum is checked; that of its length always is.
  public func payload(in range: Range<Int>, verify: Bool = true) throws(RecordError) -> [UInt8] {
    try withPayload(in: range, verify: verify) { bytes, count in (0, count) }
  }

  /// A part of the payload of the record in `range`: `find` gets the payload and says where the part begins and how many
  /// bytes it has. What it throws is thrown as it is.
  func withPayload(
    in range: Range<Int>, verify: Bool,
    _ find: (UnsafeRawBufferPointer, Int) throws(RecordError) -> (start: Int, count: Int)
  ) throws(RecordError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size, range.count >= RecordFrame.overhead else {
      throw failure(range.lowerBound, .truncated)
    }
    guard range.count - RecordFrame.overhead <= maximumLength else {
      throw failure(
        range.lowerBound, .tooLong(length: UInt64(range.count - RecordFrame.overhead), maximum: maximumLength))
    }
    var failed: RecordError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      do throws(RecordError) {
        let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
        try read(raw, at: range.lowerBound, of: range.lowerBound)
        let payload = try checkedPayload(UnsafeRawBufferPointer(raw), at: range.lowerBound, verify: verify)
        let part = try find(payload, payload.count)
        // The part moves to the front of the memory that it was read into.
        raw.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: payload[part.start..<part.start + part.count]))
        count = part.count
      } catch {
        failed = error
      }
    }
    if let failed { throw failed }
    return bytes
  }

  /// Fills `buffer` from the file; `record` is the record's offset, for the error.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int, of record: Int) throws(RecordError) {
    let got: Int
    do throws(FileError) { got = try file.read(into: buffer, at: offset) } catch {
      throw RecordError(error, offset: record)
    }
    if got < buffer.count { throw failure(record, .truncated) }
  }

  /// So many bytes from the file; `record` is the record's offset, for the error.
  func wholeBytes(at offset: Int, count: Int, ofRecord record: Int) throws(RecordError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try file.bytes(at: offset, count: count) } catch {
      throw RecordError(error, offset: record)
    }
    guard bytes.count == count else { throw failure(record, .truncated) }
    return bytes
  }

  func failure(_ offset: Int, _ reason: RecordError.Reason) -> RecordError {
    RecordError(path: path, offset: offset, reason: reason)
  }

  private func length(header: UnsafeRawBufferPointer, at offset: Int) throws(RecordError) -> Int {
    guard let length = RecordFrame.length(header: header) else { throw failure(offset, .corruptLength) }
    guard length <= UInt64(maximumLength) else {
      throw failure(offset, .tooLong(length: length, maximum: maximumLength))
    }
    return Int(length)
  }

  private func checkedPayload(
    _ frame: UnsafeRawBufferPointer, at offset: Int, verify: Bool
  ) throws(RecordError) -> UnsafeRawBufferPointer {
    let length = try length(header: UnsafeRawBufferPointer(rebasing: frame[..<RecordFrame.headerCount]), at: offset)
    guard length + RecordFrame.overhead == frame.count else {
      throw failure(offset, .indexMismatch(size: frame.count, length: UInt64(length)))
    }
    let payload = UnsafeRawBufferPointer(rebasing: frame[RecordFrame.headerCount..<RecordFrame.headerCount + length])
    if verify {
      let stored = frame.loadUnaligned(fromByteOffset: RecordFrame.headerCount + length, as: UInt32.self)
      guard MaskedCRC32C.checksum(payload) == UInt32(littleEndian: stored) else {
        throw failure(offset, .corruptPayload)
      }
    }
    return payload
  }
}
