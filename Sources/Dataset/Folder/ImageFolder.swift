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
