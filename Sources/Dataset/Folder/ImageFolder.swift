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
  }

  /// The extensions that are taken, in lower case; a file's may be written in any case.
  public static let extensions: Set<String> = ["jpg", "jpeg", "png", "webp"]
  static let extensionList = "jpg, jpeg, png or webp"
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
    let folders = try Self.classFolders(of: root, order: order)
    let labelled = try Self.label(folders.names.map(\.name), known: known, root: root)
    var notes = Notes()
    notes.numLooseFiles = folders.numLooseFiles
    var perClass = [[BytePath]](repeating: [], count: labelled.classes.count)
    for (folder, label) in zip(folders.names, labelled.labels) {
      var scan = ClassScan(root: root, notes: notes)
      try scan.visit(folder.name, identity: folder.identity, depth: 1)
      perClass[label] = scan.paths.sorted()
      notes = scan.notes
    }
    let empty = labelled.classes.indices.filter { perClass[$0].isEmpty }.map { labelled.classes[$0] }
    if empty.count == labelled.classes.count { throw ImageFolderError.noImages(root.description) }
    if known == nil, !empty.isEmpty { throw ImageFolderError.emptyClasses(empty, root: root.description) }
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

  static func isImage(_ name: BytePath) -> Bool { extensions.contains(name.pathExtension) }
}
