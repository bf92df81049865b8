// The files of a folder that are no samples: those beside the class folders, and those of other kinds inside.

/// The files that an image folder leaves out.
struct FolderExtras: Sendable {
  /// A file that is left out, and what it holds.
  struct OtherFile: Sendable {
    let path: String
    let detail: String
  }

  /// The files beside the class folders, as paths below the scanned folder.
  private(set) var looseFiles: [String] = []
  /// The files inside of class folders that an image folder does not take.
  private(set) var otherFiles: [OtherFile] = []
  /// Images of kinds that are not read.
  private(set) var otherImages: [String] = []
  /// Folders that cannot be listed, and why.
  private(set) var unreadableFolders: [OtherFile] = []

  init() {}

  /// Adds the files of one side, in byte order. `prefix` leads from the scanned folder to the side; `notes` are those of
  /// its image folder. Throws an `ImageFolderError`.
  mutating func add(_ root: BytePath, prefix: BytePath, notes: ImageFolder.Notes) throws {
    unreadableFolders += notes.unreadableFolders.map {
      OtherFile(path: prefix.appending($0.path).description, detail: $0.reason)
    }
    var entered: Set<FileIdentity> = []
    if let identity = FileTree.folderIdentity(root) { entered.insert(identity) }
    for entry in try ImageFolder.list(root) {
      switch entry.kind {
      case .file: looseFiles.append(prefix.appending(entry.name).description)
      case .folder(let identity):
        visit(root, entry.name, identity: identity, prefix: prefix, depth: 0, entered: &entered)
      }
    }
  }

  /// Adds the files that lie beside the sides of a set. Throws an `ImageFolderError`.
  mutating func addLooseFiles(of root: BytePath) throws {
    for entry in try ImageFolder.list(root) where entry.kind == .file { looseFiles.append(entry.name.description) }
  }

  private mutating func visit(
    _ root: BytePath, _ folder: BytePath, identity: FileIdentity, prefix: BytePath, depth: Int,
    entered: inout Set<FileIdentity>
  ) {
    // The images were listed before this, which refuses what is too deep.
    guard depth <= ImageFolder.maxDepth, entered.insert(identity).inserted else { return }
    // What cannot be listed was noted then.
    for entry in (try? ImageFolder.list(root.appending(folder))) ?? [] {
      let path = folder.appending(entry.name)
      switch entry.kind {
      case .folder(let identity):
        visit(root, path, identity: identity, prefix: prefix, depth: depth + 1, entered: &entered)
      case .file where ImageFolder.isImage(entry.name): break
      case .file where ImageFolder.otherImageExtensions.contains(entry.name.pathExtension):
        otherImages.append(prefix.appending(path).description)
      case .file:
        otherFiles.append(
          OtherFile(path: prefix.appending(path).description, detail: Self.contents(of: root.appending(path))))
      }
    }
  }

  /// An image under a name that is not taken is worth a word.
  private static func contents(of path: BytePath) -> String {
    guard let (bytes, _) = try? FileReader.readEnds(path, head: 16, tail: 0) else { return "" }
    let format = bytes.withUnsafeBytes { ImageFormat(sniffing: $0) }
    return format.map { "holds \($0.name): give it that extension to use it" } ?? ""
  }
}
