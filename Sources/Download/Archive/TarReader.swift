// Reads a tar archive as a stream: ustar, pax and GNU long names. Only files and folders come out; links, devices and
// everything else is refused by name, because none belongs into a set of images and each is a way out of the folder.

import Dataset

/// The entries of a tar archive, one after the other.
final class TarReader {
  private let source: any ByteSource
  private let archive: String
  private let limits: ArchiveLimits
  /// What is left of the current entry, and the padding after it.
  private var remaining = 0
  private var padding = 0
  private var numHeaders = 0

  /// Reads `source`; `archive` is its name for messages.
  init(_ source: any ByteSource, archive: String, limits: ArchiveLimits) {
    self.source = source
    self.archive = archive
    self.limits = limits
  }

  /// The next entry, past what was not read of the one before; nil at the end.
  func next() throws -> TarEntry? {
    var longPath: [UInt8]?
    var pax: PaxRecords?
    while true {
      try skip(remaining + padding)
      guard let header = try nextHeader() else {
        guard longPath == nil, pax == nil else { throw corrupt("its last header belongs to no entry") }
        return nil
      }
      switch header.type {
      case UInt8(ascii: "x"):
        guard pax == nil else { throw corrupt("two headers extend the same entry") }
        guard let records = PaxRecords(try body(of: header)) else { throw corrupt("an extended header is malformed") }
        pax = records
      case UInt8(ascii: "g"):
        let records = PaxRecords(try body(of: header))
        guard let records, records.path == nil, records.size == nil else {
          throw corrupt("a global header is malformed")
        }
      case UInt8(ascii: "L"):
        guard longPath == nil else { throw corrupt("two headers extend the same entry") }
        longPath = TarHeader.text(try body(of: header)[...])
      case UInt8(ascii: "K"): _ = try body(of: header)
      default: return try entry(header, longPath: longPath, pax: pax)
      }
    }
  }

  /// Fills a part of `buffer` from the current entry; 0 at the entry's end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(remaining, buffer.count)
    guard wanted > 0 else { return 0 }
    let got = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
    guard got > 0 else { throw ArchiveError.truncated(archive: archive) }
    remaining -= got
    return got
  }

  /// Reads on to the end of the source, whose last checksum is only found there.
  func drain() throws {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while try buffer.withUnsafeMutableBytes({ try source.read(into: $0) }) > 0 {}
  }

  private func entry(_ header: TarHeader, longPath: [UInt8]?, pax: PaxRecords?) throws -> TarEntry {
    let path = pax?.path ?? longPath ?? header.path
    let name = BytePath(bytes: path).description
    if let key = pax?.sparseKey {
      throw ArchiveError.refused(archive: archive, entry: name, reason: "it is a sparse file (\(key))")
    }
    switch header.type {
    case UInt8(ascii: "5"):
      // A folder has no data, whatever its size says.
      return TarEntry(path: path, kind: .folder, size: 0)
    case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
      setData(size: pax?.size ?? header.size)
      // The form before ustar has no type for folders.
      if path.last == UInt8(ascii: "/"), header.type == 0, remaining == 0 {
        return TarEntry(path: path, kind: .folder, size: 0)
      }
      return TarEntry(path: path, kind: .file, size: remaining)
    default:
      let reason = Self.names[header.type] ?? "it is of an unknown type"
      throw ArchiveError.refused(archive: archive, entry: name, reason: reason)
    }
  }

  private static let names: [UInt8: String] = [
    UInt8(ascii: "1"): "it is a hard link", UInt8(ascii: "2"): "it is a symbolic link",
    UInt8(ascii: "3"): "it is a device", UInt8(ascii: "4"): "it is a device", UInt8(ascii: "6"): "it is a pipe",
    UInt8(ascii: "S"): "it is a sparse file",
  ]

  private func setData(size: Int) {
    remaining = size
    padding = (TarHeader.blockBytes - size % TarHeader.blockBytes) % TarHeader.blockBytes
  }

  /// The next header; nil at the end, which two blocks of zeros mark (some writers leave the second one out).
  private func nextHeader() throws -> TarHeader? {
    numHeaders += 1
    guard numHeaders <= limits.maxEntries else {
      throw ArchiveError.tooLarge(archive: archive, reason: "it has more than \(limits.maxEntries) entries")
    }
    let block = try source.readBytes(TarHeader.blockBytes)
    guard block.count == TarHeader.blockBytes else { throw ArchiveError.truncated(archive: archive) }
    guard block.contains(where: { $0 != 0 }) else {
      let second = try source.readBytes(TarHeader.blockBytes)
      guard second.allSatisfy({ $0 == 0 }) else { throw corrupt("a block of zeros stands between its entries") }
      return nil
    }
    do { return try TarHeader(block) } catch { throw corrupt(error.rawValue) }
  }

  /// All bytes of a header that extends another.
  private func body(of header: TarHeader) throws -> [UInt8] {
    guard header.size <= limits.maxHeaderBytes else {
      throw ArchiveError.tooLarge(archive: archive, reason: "it has a header of \(header.size) bytes")
    }
    setData(size: header.size)
    let bytes = try source.readBytes(header.size)
    guard bytes.count == header.size else { throw ArchiveError.truncated(archive: archive) }
    remaining = 0
    return bytes
  }

  private func skip(_ count: Int) throws {
    var left = count
    while left > 0 {
      let got = try source.readBytes(min(left, 64 << 10)).count
      guard got > 0 else { throw ArchiveError.truncated(archive: archive) }
      left -= got
    }
    (remaining, padding) = (0, 0)
  }

  private func corrupt(_ reason: String) -> ArchiveError { .corrupt(archive: archive, reason: reason) }
}
