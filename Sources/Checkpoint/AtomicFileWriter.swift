import CISAL
import Files
import Foundation

/// Writes a file beside its destination and puts it in place in one step, so that a reader, or a crash, sees the former
/// file or the whole new one. What stands behind a link is replaced, not the link; a pipe or a device is written to.
final class AtomicFileWriter {
  private let path: String
  /// Where the file goes and where it is until then; nil for a pipe or a device.
  private let names: (target: [CChar], temporary: [CChar])?
  private var descriptor: Int32
  /// Size and checksum of what has been written.
  private(set) var contents = FileContents(bytes: 0, crc: 0)

  init(path: String) throws(CheckpointError) {
    func failure(_ code: Int32) -> CheckpointError {
      .cannotAccess(
        path: path, reason: String(cString: strerror(code)) + (code == ENOENT ? "; make its folder first" : ""))
    }
    self.path = path
    let place: OutputPlace
    do { place = try OutputPlace.find(Array(path.utf8)) } catch { throw failure(error.code) }
    switch place {
    case .stream(let descriptor):
      names = nil
      self.descriptor = descriptor
    case .file(let target):
      let temporary = (target + Array(".\(getpid()).partial".utf8) + [0]).map { CChar(bitPattern: $0) }
      names = ((target + [0]).map { CChar(bitPattern: $0) }, temporary)
      // A killed process of the same number may have left one; and no link of that name is followed.
      unlink(temporary)
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw failure(errno) }
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let names { unlink(names.temporary) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var done = 0
    while done < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      done += count
    }
    contents.bytes += bytes.count
    contents.crc = cisal_crc32c_extend(contents.crc, bytes.baseAddress, bytes.count)
  }

  func write(_ bytes: [UInt8]) throws(CheckpointError) {
    let result = bytes.withUnsafeBytes { buffer in Result { () throws(CheckpointError) in try write(buffer) } }
    try result.get()
  }

  /// Flushes to the disk and renames.
  func commit() throws(CheckpointError) {
    if names != nil, fsync(descriptor) != 0 { throw failure() }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw dropped() }
    guard let names else { return }
    guard rename(names.temporary, names.target) == 0 else { throw dropped() }
    Self.flushFolder(of: path)
  }

  private func dropped() -> CheckpointError {
    let error = failure()
    if let names { unlink(names.temporary) }
    return error
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
    .cannotAccess(path: path, reason: String(cString: strerror(errno)))
  }
}
