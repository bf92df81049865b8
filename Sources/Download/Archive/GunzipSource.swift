// Gzip (RFC 1952) through zlib, which checks the CRC-32 and the length of every member. Several members in a row are
// one stream, and zeros may follow the last, as gzip itself takes them.

import CZlib

/// The decompressed bytes of a gzip source. It stops a source that grows out of proportion.
final class GunzipSource: ByteSource {
  private static let chunkBytes = 64 << 10
  /// What may come out before the ratio counts: a short file of zeros is no bomb.
  private static let freeBytes = 1 << 20

  private let source: any ByteSource
  private let archive: String
  private let limits: ArchiveLimits
  private let stream: OpaquePointer
  private var input = [UInt8](repeating: 0, count: chunkBytes)
  private var available = 0..<0
  private var sourceEnded = false
  private var isInMember = false
  private var numMembers = 0
  private var sawPadding = false
  private var numIn = 0
  private var numOut = 0

  /// Decompresses `source`; `archive` is its name for messages.
  init(_ source: any ByteSource, archive: String, limits: ArchiveLimits) {
    guard let stream = czlib_gunzip_new() else { preconditionFailure("zlib got no memory for a stream") }
    self.source = source
    self.archive = archive
    self.limits = limits
    self.stream = stream
  }

  deinit { czlib_gunzip_free(stream) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if available.isEmpty, !sourceEnded { try refill() }
      if isInMember {
        let made = try decompress(into: buffer)
        if made > 0 { return made }
      } else if try !enterMember() {
        return 0
      }
    }
  }

  private func refill() throws {
    let got = try input.withUnsafeMutableBytes { try source.read(into: $0) }
    available = 0..<got
    sourceEnded = got == 0
  }

  /// Goes to the start of the next member; false at the end.
  private func enterMember() throws -> Bool {
    guard !available.isEmpty else {
      if numMembers == 0 { throw ArchiveError.notGzip(archive: archive, start: []) }
      return false
    }
    if numMembers == 0 {
      // The first bytes are there together: a source that is a file gives whole chunks.
      let start = Array(input[available].prefix(32))
      guard start.starts(with: [0x1F, 0x8B]) || start == [0x1F] else {
        throw ArchiveError.notGzip(archive: archive, start: start)
      }
    } else if input[available.lowerBound] == 0 {
      sawPadding = true
      available = (input[available].firstIndex { $0 != 0 } ?? available.upperBound)..<available.upperBound
      return true
    } else if sawPadding {
      throw ArchiveError.corrupt(archive: archive, reason: "bytes follow its end")
    }
    guard czlib_gunzip_reset(stream) == CZLIB_OK else {
      throw ArchiveError.corrupt(archive: archive, reason: "zlib cannot start over")
    }
    isInMember = true
    return true
  }

  private func decompress(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var (used, made) = (0, 0)
    var message: UnsafePointer<CChar>?
    let status = input.withUnsafeBufferPointer { input in
      czlib_gunzip_run(
        stream, input.baseAddress! + available.lowerBound, available.count,
        buffer.baseAddress!.assumingMemoryBound(to: UInt8.self), buffer.count, &used, &made, &message)
    }
    available = available.lowerBound + used..<available.upperBound
    numIn += used
    numOut += made
    switch status {
    case CZLIB_OK: break
    case CZLIB_MEMBER_END:
      isInMember = false
      numMembers += 1
    default:
      throw ArchiveError.corrupt(archive: archive, reason: message.map { String(cString: $0) } ?? "invalid data")
    }
    guard numOut <= Self.freeBytes || numOut / limits.maxRatio <= numIn else {
      throw ArchiveError.tooLarge(
        archive: archive, reason: "it unpacks to more than \(limits.maxRatio) times its size, as no set of images does")
    }
    if status == CZLIB_OK, used == 0, made == 0, sourceEnded { throw ArchiveError.truncated(archive: archive) }
    return made
  }
}
