// A place for files that cannot be trained on: DIR/.quarantine/files/PATH for DIR/PATH.
//
// The name is hidden, so that no reader of image folders takes it for a class, and lies in the set's folder, so that
// moving gives a file another name and copies no byte. Nothing is deleted or replaced, and the tree below `files` says by
// itself where each file belongs, so that a process that is killed at any moment loses nothing.
// DIR/.quarantine/log.jsonl tells what was moved and why; nothing depends on it.

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
