// Reads framed records one after another; every checksum is checked, and no length is believed before it is.

import Foundation

/// Reads a record file strictly. Not safe to use from several threads at once.
public final class RecordReader {
  /// The file.
  public let path: String
  /// Where the next record begins, in bytes from the start of the file.
  public private(set) var offset = 0
  /// The longest payload that is accepted, in bytes.
  public let maximumLength: Int

  private let handle: FileHandle
  private let fileSize: Int

  /// Opens a file.
  ///
  /// - Throws: `RecordError` if it cannot be opened.
  public init(path: String, maximumLength: Int = 1 << 30) throws(RecordError) {
    self.path = path
    self.maximumLength = maximumLength
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RecordError(path: path, offset: 0, reason: .system("cannot open: \(String(cString: strerror(errno)))"))
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw RecordError(path: path, offset: 0, reason: .system("is not a regular file"))
    }
    fileSize = Int(information.st_size)
  }

  /// The payload of the next record, or nil at the end of the file.
  ///
  /// - Throws: `RecordError` with the record's offset; the reader stays at that record.
  public func next() throws(RecordError) -> [UInt8]? {
    let numLeft = fileSize - offset
    if numLeft == 0 { return nil }
    guard numLeft >= RecordFrame.headerCount else { throw failure(.truncated) }
    let header = try read(RecordFrame.headerCount, at: offset)
    guard MaskedCRC32C.checksum(Array(header[..<8])) == RecordFrame.integer(header[8...]) else {
      throw failure(.corruptLength)
    }
    let length: UInt64 = RecordFrame.integer(header[..<8])
    guard length <= UInt64(maximumLength) else { throw failure(.tooLong(length: length, maximum: maximumLength)) }
    guard Int(length) <= numLeft - RecordFrame.headerCount - RecordFrame.footerCount else { throw failure(.truncated) }
    let body = try read(Int(length) + RecordFrame.footerCount, at: offset + RecordFrame.headerCount)
    let payload = Array(body[..<Int(length)])
    guard MaskedCRC32C.checksum(payload) == RecordFrame.integer(body[Int(length)...]) else {
      throw failure(.corruptPayload)
    }
    offset += RecordFrame.headerCount + body.count
    return payload
  }

  private func failure(_ reason: RecordError.Reason) -> RecordError {
    RecordError(path: path, offset: offset, reason: reason)
  }

  private func read(_ count: Int, at position: Int) throws(RecordError) -> [UInt8] {
    do {
      try handle.seek(toOffset: UInt64(position))
      var bytes: [UInt8] = []
      while bytes.count < count, let part = try handle.read(upToCount: count - bytes.count), !part.isEmpty {
        bytes += part
      }
      if bytes.count == count { return bytes }
    } catch {
      throw failure(.system("cannot read", error))
    }
    throw failure(.truncated)
  }
}
