// Appends framed records to a file.

import Foundation

/// Writes a record file. Not safe to use from several threads at once.
public final class RecordWriter {
  /// The file.
  public let path: String
  /// Bytes handed to the writer so far, frames included.
  public private(set) var numBytes = 0

  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private let bufferSize: Int

  /// Creates a new file.
  ///
  /// - Parameters:
  ///   - path: The file, which must not exist.
  ///   - bufferSize: Bytes that are gathered before they are written.
  /// - Throws: `RecordError` if the file exists or cannot be made.
  public init(creating path: String, bufferSize: Int = 1 << 16) throws(RecordError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw RecordError(path: path, offset: 0, reason: .system("cannot create: \(String(cString: strerror(errno)))"))
    }
    self.path = path
    self.bufferSize = bufferSize
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
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
    let bytes = Data(buffer)
    buffer.removeAll(keepingCapacity: true)
    do {
      try handle.write(contentsOf: bytes)
    } catch {
      throw RecordError(path: path, offset: numBytes, reason: .system("cannot write", error))
    }
  }

  /// Writes everything through to the disk and closes the file; nothing may be written afterwards.
  public func close() throws(RecordError) {
    try flush()
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw RecordError(path: path, offset: numBytes, reason: .system("cannot close", error))
    }
  }
}
