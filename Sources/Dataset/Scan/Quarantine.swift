// A place for files that cannot be trained on: DIR/.quarantine/files/PATH for DIR/PATH.
//
// The name is hidden, so that no reader of image folders takes it for a class, and lies in the set's folder, so that
// moving gives a file another name and copies no byte. Nothing is deleted or replaced, and the tree below `files` says by
// itself where each file belongs, so that a process that is killed at any moment loses nothing.
// DIR/.quarantine/log.jsonl tells what was moved and why; nothing depends on it.

import Foundation
import Settings

/// The quarantine of an image folder.
public struct Quarantine: Sendable {
  /// The name of the folder inside of the image folder.
  public static let folderName: BytePath = ".quarantine"

  /// What became of the files.
  public struct Outcome: Sendable, Hashable {
    /// The files that were moved, as paths below the image folder.
    public internal(set) var moved: [BytePath] = []
    /// The files that stay where they are, and why.
    public internal(set) var left: [Left] = []
  }

  /// A file that was not moved.
  public struct Left: Sendable, Hashable {
    /// Its path below the image folder.
    public let path: BytePath
    /// Why, in one line.
    public let reason: String
  }

  /// The image folder, without links.
  public let root: BytePath
  /// Where the quarantined files lie.
  public var files: BytePath { folder.appending("files") }
  private var folder: BytePath { root.appending(Self.folderName) }
  private var log: BytePath { folder.appending("log.jsonl") }

  /// The quarantine of the image folder `root`, which need not exist yet. Throws a `FileError` where there is no such
  /// folder, or where what has the quarantine's name is no folder.
  public init(of root: BytePath) throws {
    self.root = try FileTree.resolve(root)
    for path in [folder, files] where FileTree.exists(path) && !FileTree.isRealFolder(path) {
      throw FileError("use", path, reason: "it is not a folder; move it away")
    }
  }

  /// Moves files, given as paths below the root with the reason, into the quarantine. One that cannot be moved stays
  /// and is named. Throws a `FileError` where the quarantine itself cannot be made.
  public func take(_ items: [(path: BytePath, reason: String)]) throws -> Outcome {
    var outcome = Outcome()
    if items.isEmpty { return outcome }
    try FileTree.makeFolders(files)
    let writer = try QuarantineLog(log)
    defer { writer.flush() }
    for (path, reason) in items {
      do {
        try writer.add(action: "quarantine", path: path, reason: reason)
        try move(path, from: root, to: files)
        outcome.moved.append(path)
      } catch {
        outcome.left.append(Left(path: path, reason: BadSample.reason(error)))
      }
    }
    return outcome
  }

  /// Moves everything back to where it came from. A file whose place is taken stays in the quarantine and is named.
  /// Throws a `FileError` where the quarantine cannot be read.
  public func restore() throws -> Outcome {
    var outcome = Outcome()
    guard FileTree.isRealFolder(files) else { return outcome }
    let writer = try QuarantineLog(log)
    defer { writer.flush() }
    for path in try Self.list(files, below: "") {
      do {
        try writer.add(action: "restore", path: path, reason: "")
        try move(path, from: files, to: root)
        outcome.moved.append(path)
      } catch {
        outcome.left.append(Left(path: path, reason: BadSample.reason(error)))
      }
    }
    FileTree.removeEmptyFolders(files)
    return outcome
  }

  /// Both folders must really lie below their roots: a link could lead anywhere.
  private func move(_ path: BytePath, from: BytePath, to: BytePath) throws {
    let source = from.appending(path)
    guard try FileTree.resolve(source.parent).isInside(from) else {
      throw FileError("move", source, reason: "a link leads to it out of the folder")
    }
    guard FileTree.isNoFolder(source) else { throw FileError("move", source, reason: "it is gone") }
    let target = to.appending(path)
    try FileTree.makeFolders(target.parent)
    guard try FileTree.resolve(target.parent).isInside(to) else {
      throw FileError("move", target, reason: "a link leads to it out of the folder")
    }
    try FileTree.moveWithoutReplacing(source, to: target)
  }

  /// All files below a folder, in byte order, without following links.
  private static func list(_ root: BytePath, below folder: BytePath) throws -> [BytePath] {
    try FileTree.list(root.appending(folder)).flatMap { entry in
      let path = folder.appending(entry.name)
      return FileTree.isRealFolder(root.appending(path)) ? try list(root, below: path) : [path]
    }
  }
}

// The log of a quarantine: one JSON object a line, appended before each move.

/// Appends to a quarantine's log.
struct QuarantineLog {
  private let file: OutputFile

  /// Opens or makes the file, which must be no link. Throws a `FileError`.
  init(_ path: BytePath) throws(FileError) { file = try OutputFile(appendingTo: path) }

  /// Adds a line in one piece. Throws a `FileError`.
  func add(action: String, path: BytePath, reason: String) throws(FileError) {
    var entries: [OptionsValue.Entry] = [.init("action", .string(action)), .init("time", .int(Int64(time(nil))))]
    entries += path.entries("path")
    if !reason.isEmpty { entries.append(.init("reason", .string(reason))) }
    try file.write(Array((OptionsValue.mapping(entries).compactJSON + "\n").utf8))
  }

  /// Flushes to the disk, as far as it can be.
  func flush() { try? file.flush() }
}

// What a scan's findings put into quarantine.

extension DatasetScan {
  /// Which findings are moved.
  public enum QuarantineScope: Sendable, CaseIterable {
    /// What no loader can use: unreadable, not an image, truncated, damaged, unsupported, too large.
    case unusable
    /// That, and images on several sides or in two classes. Of an image on several sides the training copies go, so that
    /// the evaluation stays what it was; of one under two classes all copies go, since no one can tell the right class.
    case unusableAndDuplicates
  }

  /// Moves what must not be trained on into the quarantine of the scanned folder, and gives the report of what is left
  /// with what became of the files. Throws a `ScanError` where the set is no folder of images, or a `FileError`.
  public func quarantine(_ scope: QuarantineScope) throws -> (rest: DatasetScan, outcome: Quarantine.Outcome) {
    let root = try folderRoot()
    var chosen: [(sample: ScannedSample, path: BytePath, reason: String)] = []
    for (sample, reason) in condemned(scope) {
      guard let folder = parts[sample.part].source as? ImageFolder else { throw ScanError.notAFolder(path) }
      let prefix = BytePath(parts[sample.part].name)
      chosen.append((sample, prefix.appending(folder.samples[sample.index].relativePath), reason))
    }
    let outcome = try Quarantine(of: root).take(chosen.map { ($0.path, $0.reason) })
    let moved = Set(outcome.moved)
    return (without(chosen.filter { moved.contains($0.path) }.map(\.sample)), outcome)
  }

  /// The samples to move, each once, in the order of the set.
  private func condemned(_ scope: QuarantineScope) -> [(sample: ScannedSample, reason: String)] {
    var reasons: [ScannedSample: String] = [:]
    for part in parts.indices {
      for (index, fact) in facts[part].enumerated() where fact.verdict.isBad {
        reasons[ScannedSample(parts, part: part, index: index)] = self.reasons[part][index] ?? ""
      }
    }
    if scope == .unusableAndDuplicates {
      for group in DuplicateGroups(parts, facts: facts).groups where group.isInTwoClasses || group.isInBothSplits {
        for sample in group.samples where group.isInTwoClasses || sample.part == 0 {
          let other = group.samples.first {
            $0 != sample && ($0.className != sample.className || $0.part != sample.part)
          }
          reasons[sample] = reasons[sample] ?? "the same image as \(other?.path ?? "another")"
        }
      }
    }
    return reasons.map { ($0.key, $0.value) }.sorted {
      ($0.sample.part, $0.sample.index) < ($1.sample.part, $1.sample.index)
    }
  }

  /// The folder that was scanned: that of the only side, or the one that holds the sides.
  private func folderRoot() throws -> BytePath {
    guard let first = parts.first, let folder = first.source as? ImageFolder else { throw ScanError.notAFolder(path) }
    return first.name.isEmpty ? folder.root : folder.root.parent
  }
}

// Why a scan cannot do what it was asked for.

/// A scan's request that cannot be met.
public enum ScanError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Only single files can be moved.
  case notAFolder(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notAFolder(let path):
      "'\(path)' is not a folder of image files, so that nothing in it can be moved; clean the images it was packed from "
        + "and pack them again"
    }
  }
}
