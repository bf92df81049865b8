// How the tree of an ImageFolder is walked and how its classes get their indices.

extension ImageFolder {
  typealias ClassFolder = (name: BytePath, identity: FileIdentity)

  /// The folders directly below the root, in the order of the classes.
  static func classFolders(
    of root: BytePath, order: ClassOrder
  ) throws -> (names: [ClassFolder], numLooseFiles: Int) {
    guard FileTree.folderIdentity(root) != nil else { throw ImageFolderError.notAFolder(root.description) }
    var identities: [BytePath: FileIdentity] = [:]
    var numLooseFiles = 0
    var numLooseImages = 0
    for entry in try list(root) {
      switch entry.kind {
      case .folder(let identity): identities[entry.name] = identity
      case .file:
        numLooseFiles += 1
        if isImage(entry.name) { numLooseImages += 1 }
      }
    }
    if identities.isEmpty {
      throw ImageFolderError.noClasses(root.description, numLooseImages: numLooseImages)
    }
    return (order.sorted(Array(identities.keys)).map { ($0, identities[$0]!) }, numLooseFiles)
  }

  /// The classes with their folders, and the label of each of `names`.
  static func label(
    _ names: [BytePath], known: [String]?, root: BytePath
  ) throws -> (classes: [String], folders: [BytePath], labels: [Int]) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name.description).inserted {
      throw ImageFolderError.ambiguousClass(name.description, root: root.description)
    }
    guard let known else { return (names.map(\.description), names, Array(names.indices)) }
    let labels = Dictionary(known.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let unknown = names.map(\.description).filter { labels[$0] == nil }
    if !unknown.isEmpty {
      throw ImageFolderError.unknownClasses(unknown, known: known, root: root.description)
    }
    var folders = known.map { BytePath($0) }
    for name in names { folders[labels[name.description]!] = name }
    return (known, folders, names.map { labels[$0.description]! })
  }

  /// The images below a folder that need not be a set, as paths that begin with the folder's, in byte order. Hidden names
  /// are left out, links are followed, and a folder is entered once, so that a loop of links ends; a folder that cannot be
  /// listed is noted. Throws an `ImageFolderError` where `folder` is none, or is nested too deep.
  public static func images(below folder: BytePath) throws -> (paths: [BytePath], notes: Notes) {
    guard let identity = FileTree.folderIdentity(folder) else { throw ImageFolderError.notAFolder(folder.description) }
    var walk = ImageWalk(root: folder, skipsUnreadable: true)
    try walk.visit("", identity: identity, depth: 0)
    return (walk.paths.sorted().map { folder.appending($0) }, walk.notes)
  }

  static func list(_ folder: BytePath) throws -> [FolderEntry] {
    do { return try FileTree.list(folder) } catch { throw ImageFolderError.unreadable(error) }
  }
}

/// A walk through the folders below a root: those of one class, or all of them.
struct ImageWalk {
  let root: BytePath
  /// Whether a folder that cannot be listed is noted and passed over, in place of an error.
  let skipsUnreadable: Bool
  var notes: ImageFolder.Notes
  /// The images found, as paths below the root.
  var paths: [BytePath] = []
  private var entered: Set<FileIdentity> = []

  init(root: BytePath, notes: ImageFolder.Notes = .init(), skipsUnreadable: Bool) {
    self.root = root
    self.notes = notes
    self.skipsUnreadable = skipsUnreadable
  }

  /// Takes the images of one class. A link back to the root would bring every other class into it, and is not followed.
  mutating func visitClass(_ name: BytePath, identity: FileIdentity) throws {
    if let identity = FileTree.folderIdentity(root) { entered.insert(identity) }
    try visit(name, identity: identity, depth: 1)
  }

  /// Takes the images of a folder (a path below the root) and of those below it.
  mutating func visit(_ folder: BytePath, identity: FileIdentity, depth: Int) throws {
    guard entered.insert(identity).inserted else {
      notes.numRepeatedFolders += 1
      return
    }
    guard depth <= ImageFolder.maxDepth else {
      throw ImageFolderError.tooDeep(root.appending(folder).description)
    }
    let entries: [FolderEntry]
    do {
      entries = try FileTree.list(root.appending(folder))
    } catch {
      guard skipsUnreadable, !error.isSystemWide else { throw ImageFolderError.unreadable(error) }
      notes.unreadableFolders.append(.init(path: folder, reason: BadSample.reason(error)))
      return
    }
    for entry in entries {
      let path = folder.appending(entry.name)
      switch entry.kind {
      case .folder(let identity): try visit(path, identity: identity, depth: depth + 1)
      case .file where ImageFolder.isImage(entry.name): paths.append(path)
      case .file: noteSkipped(entry.name.pathExtension)
      }
    }
  }

  private mutating func noteSkipped(_ pathExtension: String) {
    if ImageFolder.otherImageExtensions.contains(pathExtension) {
      notes.otherImages[pathExtension, default: 0] += 1
      return
    }
    let isListed = notes.skippedExtensions[pathExtension] != nil
    let hasRoom = notes.skippedExtensions.count < ImageFolder.maxExtensionsListed
    notes.skippedExtensions[isListed || hasRoom ? pathExtension : "*", default: 0] += 1
  }
}
