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
