// Brings a set: the archive, checked, unpacked beside its place, converted where needed, and moved there as a whole.
//
//   OUT.part, OUT.part.json   the archive so far, and where it comes from; they stay when the work is interrupted
//   .OUT.unpacking            what is unpacked so far; it never stays, and a killed process's is removed by the next

public import Dataset
public import Foundation

/// Downloads and unpacks one set.
public struct DatasetDownload {
  /// What is being done, for people.
  public enum Step: Equatable, Sendable {
    /// The archive is read: so many bytes of so many.
    case unpacking(Int, Int)
    /// Images are written: so many of so many.
    case converting(Int, Int)
  }

  /// Where the archive comes from.
  public var source: DownloadSource
  /// What is known of the archive.
  public var expectation: DownloadExpectation
  /// What it unpacks to.
  public var contents: KnownDataset.Contents
  /// How much may come out.
  public var limits = ArchiveLimits()
  /// Brings the archive.
  public var downloader: Downloader
  /// Told what is done once the archive is there.
  public var progress: (Step) -> Void

  /// A download of `source`.
  public init(
    from source: DownloadSource, expecting expectation: DownloadExpectation, contents: KnownDataset.Contents,
    downloader: Downloader = Downloader(), progress: @escaping (Step) -> Void = { _ in }
  ) {
    self.source = source
    self.expectation = expectation
    self.contents = contents
    self.downloader = downloader
    self.progress = progress
  }

  /// Brings the set into `out`, which must be new or empty and appears as a whole. Throws a `DownloadError`, an
  /// `ArchiveError`, a `CIFARError` or a `FileError`.
  public func run(to out: BytePath) throws {
    let out = try StagedFolder.target(of: out) {
      $0 == .notEmpty ? DownloadError.outputNotEmpty(out.description) : DownloadError.outputNotAFolder(out.description)
    }
    let partial = try PartialFile(Self.sibling(of: out, prefix: "", suffix: ".part"))
    // The lock on the partial file covers the staging folder, too.
    let staging = Self.sibling(of: out, prefix: ".", suffix: ".unpacking")
    FileTree.removeTree(staging)
    defer { FileTree.removeTree(staging) }
    do {
      try install(bring(into: partial), staging: staging, out: out)
    } catch {
      let kept = Self.isWorthKeeping(partial, after: error) ? partial.size : 0
      if kept == 0 { partial.remove() }
      throw error is CancellationError
        ? DownloadError.stopped(kept: kept, partial: partial.path.description) : error
    }
    partial.remove()
  }

  /// The archive, checked.
  private func bring(into partial: PartialFile) throws -> BytePath {
    switch source {
    case .web(let url):
      try downloader.fetch(url, into: partial, expecting: expectation)
      return partial.path
    case .file(let path):
      try FileCheck.check(path, named: "'\(path)'", expectation, checkpoint: checkStop)
      return path
    }
  }

  private func install(_ archive: BytePath, staging: BytePath, out: BytePath) throws {
    let unpacked = staging.appending("archive")
    try FileTree.makeNewFolder(staging)
    try FileTree.makeNewFolder(unpacked)
    let unpacker = ArchiveUnpacker(
      limits: limits, checkpoint: checkStop, progress: { progress(.unpacking($0, $1)) })
    let names = try unpacker.unpack(archive, into: unpacked).topNames
    // Most archives hold one folder, which becomes the set's.
    let only = names.count == 1 ? names.first.map { unpacked.appending($0) } : nil
    let root = only.flatMap { FileTree.isFolder($0) ? $0 : nil } ?? unpacked
    switch contents {
    case .imageFolder: try FileTree.rename(root, to: out)
    case .cifarBinary:
      let images = staging.appending("images")
      _ = try CIFARBinary.write(root, to: images) { numDone, total in
        try checkStop()
        progress(.converting(numDone, total))
      }
      try FileTree.rename(images, to: out)
    }
  }

  private func checkStop() throws {
    if downloader.shouldStop() { throw CancellationError() }
  }

  /// Whether the bytes that came are of use to the next try: not where they are wrong.
  private static func isWorthKeeping(_ partial: PartialFile, after error: any Error) -> Bool {
    switch error {
    case is ArchiveError, is CIFARError, DownloadError.tooLarge, DownloadError.wrongSize, DownloadError.wrongChecksum:
      false
    default: true
    }
  }

  private static func sibling(of out: BytePath, prefix: String, suffix: String) -> BytePath {
    let name = BytePath(bytes: Array(prefix.utf8) + out.lastComponent.bytes + Array(suffix.utf8))
    return out.parent.appending(name)
  }
}

// Where an archive comes from: the network, or a file that is there already.

/// The place of an archive.
public enum DownloadSource: Equatable, Sendable {
  /// An address of the web.
  case web(URL)
  /// A file of this machine, which is read where it lies and never removed.
  case file(BytePath)

  /// Reads `http://`, `https://` and `file://` addresses; a text without `://` is a path. Throws `DownloadError.badURL`.
  public init(parsing text: String) throws {
    guard text.contains("://") else {
      guard !text.isEmpty else { throw DownloadError.badURL(text, reason: "it is empty") }
      self = .file(BytePath(text))
      return
    }
    // A password in an address ends up in the notes beside the file, in logs and in the list of processes.
    guard let url = URL(string: text) else { throw DownloadError.badURL(text, reason: "it is no address") }
    guard url.user == nil, url.password == nil else {
      throw DownloadError.badURL(
        "\(url.scheme ?? "")://\(url.host ?? "")", reason: "an address with a user name or a password is refused")
    }
    switch url.scheme?.lowercased() {
    case "http", "https":
      guard url.host?.isEmpty == false else { throw DownloadError.badURL(text, reason: "it names no server") }
      self = .web(url)
    case "file":
      guard ["", "localhost"].contains(url.host ?? ""), !url.path.isEmpty else {
        throw DownloadError.badURL(text, reason: "a file on another machine")
      }
      self = .file(BytePath(url.path))
    default: throw DownloadError.badURL(text, reason: "only http, https and file addresses are taken")
    }
  }

  /// The address or the path.
  public var name: String {
    switch self {
    case .web(let url): url.absoluteString
    case .file(let path): path.description
    }
  }
}
