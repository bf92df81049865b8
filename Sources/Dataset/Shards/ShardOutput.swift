// One shard while it is written: a hidden file that takes its name when it is whole and on the disk.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import TFRecord

/// A shard under way. Used by one thread at a time.
final class ShardOutput {
  private let path: BytePath
  private let temporary: BytePath
  private let indexPath: BytePath
  private let descriptor: Int32
  private var crc: UInt32 = 0
  private var numBytes = 0
  private var sizes: [Int] = []
  private var labels: [Int] = []
  private var numReencoded = 0
  private var skipped: [BadSample] = []
  private var isFinished = false

  /// Begins a shard in an existing folder. Throws a `FileError`.
  init(_ path: BytePath, index: BytePath) throws {
    self.path = path
    indexPath = index
    let temporary = FileTree.uniqueSibling(of: path, suffix: "partial")
    self.temporary = temporary
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    descriptor = Int32(retryingInterrupts { temporary.withCString { Int(open($0, flags, 0o644)) } })
    guard descriptor >= 0 else { throw FileError("create", path, code: errno) }
  }

  deinit {
    close(descriptor)
    if !isFinished { _ = temporary.withCString { unlink($0) } }
  }

  /// Adds records.
  func write(_ chunk: BuiltChunk) throws {
    try chunk.bytes.withUnsafeBytes { bytes in
      crc = MaskedCRC32C.crc(crc, extendedBy: bytes)
      var rest = bytes
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = rest.count
        let written = retryingInterrupts { systemWrite(descriptor, base, count) }
        guard written > 0 else { throw FileError("write", path, code: errno) }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    numBytes += chunk.bytes.count
    sizes += chunk.sizes
    labels += chunk.labels
    numReencoded += chunk.numReencoded
    skipped += chunk.bad
  }

  /// Puts the shard and its index under their names. Throws `FileError`, or `ShardError.emptyShard`.
  func finish() throws -> FinishedShard {
    if sizes.isEmpty { throw ShardError.emptyShard(path.lastComponent.description) }
    guard fsync(descriptor) == 0 else { throw FileError("write", path, code: errno) }
    try FileWriter.writeAtomically(RecordIndex(sizes: sizes).text, to: indexPath)
    try FileTree.rename(temporary, to: path)
    isFinished = true
    return FinishedShard(
      bytes: numBytes, crc32c: crc, records: sizes.count, labels: labels, numReencoded: numReencoded, skipped: skipped)
  }
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.write(descriptor, buffer, count)
  #elseif canImport(Musl)
    Musl.write(descriptor, buffer, count)
  #else
    Darwin.write(descriptor, buffer, count)
  #endif
}
