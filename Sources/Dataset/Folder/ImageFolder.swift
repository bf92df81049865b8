// A set of images as a tree: ROOT/CLASS/.../FILE.
//
// Every folder directly below the root is a class; its images may be nested. The order of the classes and of the files
// within a class is byte order of names, whatever order the file system lists them in, so that labels and samples are
// the same on every machine. Hidden names are skipped, links are followed, and a folder is entered once per class, so
// that a loop of links ends.

/// A tree of images: the classes, and every sample with its label.
public struct ImageFolder: Sendable {
  /// One image of the set.
  public struct Sample: Sendable, Hashable {
    /// The path below the root: `CLASS/.../FILE`.
    public let relativePath: BytePath
    /// The index of its class in `classes`.
    public let label: Int
  }

  /// What was seen and not taken.
  public struct Notes: Sendable, Hashable {
    /// Files below the classes whose extension is not an image's, by extension in lower case ("" for none); past
    /// `maxExtensionsListed` different ones, the rest is counted under "*".
    public internal(set) var skippedExtensions: [String: Int] = [:]
    /// Files that lie beside the class folders and so belong to no class.
    public internal(set) var numLooseFiles = 0
    /// Classes of the given list that have no image here.
    public internal(set) var classesWithoutImages: [String] = []
    /// Folders that were not entered again because a link led back to them.
    public internal(set) var numRepeatedFolders = 0
    /// Images of kinds that are not read, such as HEIC, by extension in lower case.
    public internal(set) var otherImages: [String: Int] = [:]
    /// Folders that cannot be listed, where that is no error.
    public internal(set) var unreadableFolders: [UnreadableFolder] = []
  }

  /// A folder that cannot be listed.
  public struct UnreadableFolder: Sendable, Hashable {
    /// Its path below the root.
    public let path: BytePath
    /// Why, in one line.
    public let reason: String
  }

  /// The extensions that are taken, in lower case; a file's may be written in any case.
  public static let extensions: Set<String> = ["jpg", "jpeg", "png", "webp"]
  static let extensionList = "jpg, jpeg, png or webp"
  /// The extensions of images that are not read, in lower case.
  static let otherImageExtensions: Set<String> = [
    "heic", "heif", "hif", "avif", "gif", "bmp", "dib", "tif", "tiff", "jp2", "jxl", "dng", "cr2", "cr3", "nef", "arw",
    "raf", "orf", "rw2", "psd", "tga", "ppm", "pgm", "pnm", "ico", "svg",
  ]
  static let maxDepth = 64
  static let maxExtensionsListed = 32

  /// The folder that holds the class folders.
  public let root: BytePath
  /// The names of the classes by index.
  public let classes: [String]
  /// The names of the class folders by index, as bytes.
  public let classFolders: [BytePath]
  /// All images, class by class, in byte order of the paths within a class.
  public let samples: [Sample]
  /// What was skipped.
  public let notes: Notes

  /// Reads the tree below `root`. With `classes`, the labels are places in that list (as stored in a checkpoint): every
  /// folder must be in it, and a class without images is noted rather than refused. Throws an `ImageFolderError`.
  public init(root: BytePath, order: ClassOrder = .byte, classes known: [String]? = nil) throws {
    try self.init(root: root, order: order, classes: known, skipsUnreadable: false)
  }

  /// The same; a class folder that cannot be listed is noted where `skipsUnreadable`.
  init(root: BytePath, order: ClassOrder, classes known: [String]?, skipsUnreadable: Bool) throws {
    let folders = try Self.classFolders(of: root, order: order)
    let labelled = try Self.label(folders.names.map(\.name), known: known, root: root)
    var notes = Notes()
    notes.numLooseFiles = folders.numLooseFiles
    var perClass = [[BytePath]](repeating: [], count: labelled.classes.count)
    for (folder, label) in zip(folders.names, labelled.labels) {
      var walk = ImageWalk(root: root, notes: notes, skipsUnreadable: skipsUnreadable)
      try walk.visitClass(folder.name, identity: folder.identity)
      perClass[label] = walk.paths.sorted()
      notes = walk.notes
    }
    let empty = labelled.classes.indices.filter { perClass[$0].isEmpty }.map { labelled.classes[$0] }
    if empty.count == labelled.classes.count, notes.unreadableFolders.isEmpty {
      throw ImageFolderError.noImages(root.description, otherImages: notes.otherImages)
    }
    if known == nil, !empty.isEmpty {
      throw ImageFolderError.emptyClasses(empty, root: root.description, otherImages: notes.otherImages)
    }
    notes.classesWithoutImages = empty
    self.root = root
    self.classes = labelled.classes
    self.classFolders = labelled.folders
    self.samples = perClass.indices.flatMap { label in
      perClass[label].map { Sample(relativePath: $0, label: label) }
    }
    self.notes = notes
  }

  private init(_ folder: ImageFolder, samples: [Sample]) {
    root = folder.root
    classes = folder.classes
    classFolders = folder.classFolders
    notes = folder.notes
    self.samples = samples
  }

  /// Refuses a set to train on that has one class alone: every model is right about it. Throws
  /// `ImageFolderError.oneClass`.
  public func requireSeveralClasses() throws {
    guard classes.count == 1, let name = classFolders.first else { return }
    let holdsFolders = try Self.list(root.appending(name)).contains { $0.kind != .file }
    throw ImageFolderError.oneClass(classes[0], root: root.description, inner: holdsFolders)
  }

  /// The same set with only the samples at `indices`, in the order given.
  public func selecting(_ indices: [Int]) -> ImageFolder {
    ImageFolder(self, samples: indices.map { samples[$0] })
  }

  /// The path of a sample.
  public func path(at index: Int) -> BytePath { root.appending(samples[index].relativePath) }

  /// The number of samples of every class.
  public var numSamplesPerClass: [Int] {
    samples.reduce(into: [Int](repeating: 0, count: classes.count)) { $0[$1.label] += 1 }
  }

  /// What to do with images of kinds that are not read, given by extension; nil where there are none.
  public static func conversionHint(_ otherImages: [String: Int]) -> String? {
    if otherImages.isEmpty { return nil }
    let list = otherImages.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) .\($0.key)" }
    return "\(list.joined(separator: ", ")) cannot be read; convert to JPEG, PNG or WebP"
  }

  static func isImage(_ name: BytePath) -> Bool { extensions.contains(name.pathExtension) }
}

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

// In which order the folders of an image set become class indices.

/// The order of classes.
public enum ClassOrder: String, Codable, Sendable, CaseIterable {
  /// By the bytes of the names: `10` before `2`, `Z` before `a`. What torchvision and timm do.
  case byte
  /// Runs of digits count as numbers: `2` before `10`; ties go by bytes.
  case natural

  /// The names in this order.
  func sorted(_ names: [BytePath]) -> [BytePath] {
    switch self {
    case .byte: names.sorted()
    case .natural: names.sorted { Self.naturallyPrecedes($0.bytes[...], $1.bytes[...]) ?? ($0 < $1) }
    }
  }

  /// Whether `a` comes before `b`; nil where they differ in leading zeros only, or not at all.
  private static func naturallyPrecedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool? {
    var a = a
    var b = b
    while let x = a.first, let y = b.first {
      if isDigit(x), isDigit(y) {
        let m = takeNumber(&a)
        let n = takeNumber(&b)
        if m.count != n.count { return m.count < n.count }
        if m != n { return m.lexicographicallyPrecedes(n) }
      } else if x != y {
        return x < y
      } else {
        a = a.dropFirst()
        b = b.dropFirst()
      }
    }
    return a.isEmpty == b.isEmpty ? nil : a.isEmpty
  }

  private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes.dropFirst(digits.count)
    return digits.drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
