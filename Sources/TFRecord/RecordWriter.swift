// Appends framed records to a file.

import Files

/// Writes a record file. Not safe to use from several threads at once.
public final class RecordWriter {
  /// The file.
  public let path: String
  /// Bytes handed to the writer so far, frames included.
  public private(set) var numBytes = 0

  private let file: OutputFile
  private var buffer: [UInt8] = []
  private let bufferSize: Int

  /// Creates a new file.
  ///
  /// - Parameters:
  ///   - path: The file, which must not exist.
  ///   - bufferSize: Bytes that are gathered before they are written.
  /// - Throws: `RecordError` if the file exists or cannot be made.
  public init(creating path: String, bufferSize: Int = 1 << 16) throws(RecordError) {
    do throws(FileError) { file = try OutputFile(creating: BytePath(path)) } catch { throw RecordError(error) }
    self.path = path
    self.bufferSize = bufferSize
  }

  /// Adds a record.
  public func write(_ payload: [UInt8]) throws(RecordError) {
    let frame = RecordFrame.framed(payload)
    buffer += frame
    numBytes += frame.count
    if buffer.count >= bufferSize { try flush() }
  }

  /// Hands everything to the system.
  public func flush() throws(RecordError) {
    guard !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    do throws(FileError) { try file.write(buffer) } catch { throw RecordError(error, offset: numBytes) }
  }

  /// Writes everything through to the disk and closes the file; nothing may be written afterwards.
  public func close() throws(RecordError) {
    try flush()
    do throws(FileError) {
      try file.flush()
      try file.close()
    } catch {
      throw RecordError(error, offset: numBytes)
    }
  }
}
