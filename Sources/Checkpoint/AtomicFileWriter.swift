import Foundation

/// Writes a file beside its destination and puts it in place in one step, so that a reader, or a crash, sees the former
/// file or the whole new one.
public final class AtomicFileWriter {
  private let destination: String
  private let temporary: String
  private var descriptor: Int32

  init(path: String) throws(CheckpointError) {
    destination = path
    temporary = "\(path).\(getpid()).partial"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let advice = errno == ENOENT ? "; make its folder first" : ""
      throw .cannotAccess(path: path, reason: String(cString: strerror(errno)) + advice)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var done = 0
    while done < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      done += count
    }
  }

  func write(_ bytes: [UInt8]) throws(CheckpointError) {
    let result = bytes.withUnsafeBytes { buffer in Result { () throws(CheckpointError) in try write(buffer) } }
    try result.get()
  }

  /// Writes a whole text.
  /// - Throws: `CheckpointError`.
  public static func write(_ text: String, to path: String) throws(CheckpointError) {
    let writer = try AtomicFileWriter(path: path)
    try writer.write(Array(text.utf8))
    try writer.commit()
  }

  /// Flushes to the disk and renames.
  func commit() throws(CheckpointError) {
    guard fsync(descriptor) == 0 else { throw failure() }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(temporary, destination) == 0 else {
      let error = failure()
      unlink(temporary)
      throw error
    }
    Self.flushFolder(of: destination)
  }

  /// Makes a rename in the folder of `path` last through a power cut.
  static func flushFolder(of path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private func failure() -> CheckpointError {
    .cannotAccess(path: destination, reason: String(cString: strerror(errno)))
  }
}
