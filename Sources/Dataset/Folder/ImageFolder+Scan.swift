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

  static func list(_ folder: BytePath) throws -> [FolderEntry] {
    do { return try FileTree.list(folder) } catch let error as FileError { throw ImageFolderError.unreadable(error) }
  }
}

/// The walk through one class.
struct ClassScan {
  let root: BytePath
  var notes: ImageFolder.Notes
  /// The images found, as paths below the root.
  var paths: [BytePath] = []
  private var entered: Set<FileIdentity> = []

  init(root: BytePath, notes: ImageFolder.Notes) {
    self.root = root
    self.notes = notes
    // A link back to the root would bring every other class into this one.
    if let identity = FileTree.folderIdentity(root) { entered.insert(identity) }
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
    for entry in try ImageFolder.list(root.appending(folder)) {
      let path = folder.appending(entry.name)
      switch entry.kind {
      case .folder(let identity): try visit(path, identity: identity, depth: depth + 1)
      case .file where ImageFolder.isImage(entry.name): paths.append(path)
      case .file: noteSkipped(entry.name.pathExtension)
      }
    }
  }

  private mutating func noteSkipped(_ pathExtension: String) {
    let isListed = notes.skippedExtensions[pathExtension] != nil
    let hasRoom = notes.skippedExtensions.count < ImageFolder.maxExtensionsListed
    notes.skippedExtensions[isListed || hasRoom ? pathExtension : "*", default: 0] += 1
  }
}
