// Unpacks a .tar.gz into a new folder, as a stream. Files are 0644 and folders 0755, whatever the archive says, nothing
// is overwritten, and no link can exist below the folder, so that nothing outside of it is ever touched.

public import Files
import SystemPackage

/// Unpacks archives of files and folders.
public struct ArchiveUnpacker {
  /// What came out of an archive.
  public struct Contents: Equatable, Sendable {
    /// How many files there are.
    public internal(set) var numFiles = 0
    /// The names directly in the folder.
    public internal(set) var topNames: Set<BytePath> = []
  }

  /// How much may come out.
  public var limits: ArchiveLimits
  /// Asked often; what it throws ends the work.
  public var checkpoint: () throws -> Void
  /// Told how many compressed bytes of how many are read.
  public var progress: (_ numRead: Int, _ total: Int) -> Void

  /// An unpacker with the given limits.
  public init(
    limits: ArchiveLimits = ArchiveLimits(), checkpoint: @escaping () throws -> Void = {},
    progress: @escaping (_ numRead: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    self.limits = limits
    self.checkpoint = checkpoint
    self.progress = progress
  }

  /// Unpacks into `folder`, which must exist and be empty, and returns what came out. Throws an
  /// `ArchiveError`, a `FileError`, or what `checkpoint` throws; what was unpacked so far is the caller's to remove.
  public func unpack(_ archive: BytePath, into folder: BytePath) throws -> Contents {
    let file = try FileSource(archive)
    return try unpack(file, name: archive.description, into: folder) { progress(file.position, file.size) }
  }

  func unpack(_ source: any ByteSource, name: String, into folder: BytePath, tick: () -> Void = {}) throws -> Contents {
    let tar = TarReader(
      GunzipSource(source, archive: name, limits: limits), archive: name, limits: limits)
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    var contents = Contents()
    var numBytes = 0
    var folders: Set<BytePath> = [folder]
    while let entry = try tar.next() {
      try checkpoint()
      let names = try ArchivePath.components(of: entry.path, archive: name, limits: limits)
      if let top = names.first { contents.topNames.insert(top) }
      let shown = BytePath(bytes: Array(entry.path.prefix(200))).description
      var path = folder
      for component in entry.kind == .folder ? names[...] : names.dropLast() {
        path = path.appending(component)
        guard folders.insert(path).inserted else { continue }
        do throws(FileError) { try FileTree.makeNewFolder(path) } catch {
          throw Self.failure(error, archive: name, entry: shown)
        }
      }
      guard entry.kind == .file else { continue }
      guard let last = names.last else {
        throw ArchiveError.refused(archive: name, entry: shown, reason: "it is a file in place of the folder")
      }
      guard entry.size <= limits.maxTotalBytes - numBytes else {
        throw ArchiveError.tooLarge(archive: name, reason: "it unpacks to more than \(limits.maxTotalBytes) bytes")
      }
      numBytes += entry.size
      contents.numFiles += 1
      try write(tar, to: path.appending(last), buffer: &buffer, archive: name, entry: shown, tick: tick)
    }
    try tar.drain()
    tick()
    return contents
  }

  private func write(
    _ tar: TarReader, to path: BytePath, buffer: inout [UInt8], archive: String, entry: String, tick: () -> Void
  ) throws {
    let file: OutputFile
    do throws(FileError) { file = try OutputFile(creating: path) } catch {
      throw Self.failure(error, archive: archive, entry: entry)
    }
    while true {
      let got = try buffer.withUnsafeMutableBytes { try tar.read(into: $0) }
      if got == 0 { break }
      try buffer.withUnsafeBytes { try file.write(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
      tick()
      try checkpoint()
    }
    try file.close()
  }

  /// What stands there already comes from the same archive.
  private static func failure(_ error: FileError, archive: String, entry: String) -> any Error {
    guard error.number == .fileExists || error.number == .notDirectory else { return error }
    return ArchiveError.refused(archive: archive, entry: entry, reason: "an earlier entry has the same name")
  }
}

// How much an archive may unpack to. A small file can claim to hold terabytes.

/// Limits of what is unpacked.
public struct ArchiveLimits: Equatable, Sendable {
  /// The most bytes of all files together.
  public var maxTotalBytes = 64 << 30
  /// The most entries, headers without a file of their own included.
  public var maxEntries = 2_000_000
  /// The most unpacked bytes for a compressed one, past the first megabyte. Images hardly compress; deflate reaches 1032.
  public var maxRatio = 200
  /// The most folders above a file.
  public var maxDepth = 16
  /// The most bytes of a path.
  public var maxPathBytes = 1024
  /// The most bytes of a header that extends another.
  public var maxHeaderBytes = 64 << 10

  /// The limits for an archive of which nothing is known.
  public init() {}
}

// The path of an entry, made safe: it must lead downwards, by names alone.

/// The checked path of an entry.
enum ArchivePath {
  /// The names from the top folder to the entry; none for the top folder itself (`./`). Throws `ArchiveError.refused`
  /// for a path that leads out of the folder, is absolute, too deep or too long, or has a name that no file can have.
  static func components(of path: [UInt8], archive: String, limits: ArchiveLimits) throws -> [BytePath] {
    func refused(_ reason: String) -> ArchiveError {
      // A name of 64 kB would fill the screen.
      .refused(archive: archive, entry: BytePath(bytes: Array(path.prefix(200))).description, reason: reason)
    }
    guard !path.isEmpty else { throw refused("it has no name") }
    guard path.count <= limits.maxPathBytes else {
      throw refused("its path has more than \(limits.maxPathBytes) bytes")
    }
    guard path.first != UInt8(ascii: "/") else { throw refused("its path is absolute") }
    guard !path.contains(0) else { throw refused("its path holds a zero byte") }
    let names = path.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
    guard !names.contains(Array("..".utf8)) else { throw refused("its path leads out of the folder") }
    guard names.count <= limits.maxDepth + 1 else { throw refused("it lies more than \(limits.maxDepth) folders deep") }
    guard names.allSatisfy({ $0.count <= 255 }) else { throw refused("a name has more than 255 bytes") }
    return names.map { BytePath(bytes: $0) }
  }
}
