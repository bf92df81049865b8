// Where the splits of a set lie: ROOT/train/CLASS, ROOT/validation/CLASS and ROOT/test/CLASS, or ROOT/CLASS alone. Every
// reader of image folders asks here.

/// The folders of one image set by split.
public struct ImageFolderLayout: Sendable, Hashable {
  /// The folder that was looked at.
  public let root: BytePath
  /// The folder whose folders are the classes to train on: `root` itself where there are no splits; nil where there are
  /// other splits only.
  public let train: BytePath?
  /// The folder with the classes to validate on; nil where there is none.
  public let validation: BytePath?
  /// The folder with the classes to test on; nil where there is none.
  public let test: BytePath?
  /// What the user should know, one line each.
  public let notes: [String]

  /// Whether the folder has splits; false where its own folders are the classes.
  public var hasSplits: Bool { train != root }

  /// The splits that there are, in the order train, validation, test.
  public var splits: [SplitName] { SplitName.allCases.filter { self[$0] != nil } }

  /// The folder of a split, whose folders are the classes; nil where there is none.
  public subscript(split: SplitName) -> BytePath? {
    switch split {
    case .train: train
    case .validation: validation
    case .test: test
    }
  }

  /// The folder to train on. Throws `ImageFolderError.noTrainingFolder` where there is none.
  public func requireTrain() throws -> BytePath {
    guard let train else {
      let found = splits.compactMap { self[$0]?.lastComponent.description }
      throw ImageFolderError.noTrainingFolder(root.description, found: found)
    }
    return train
  }

  /// Finds the splits of a folder. Names are taken in any letter case (`Train/`, `valid/`, `val/`, `TEST/`, ...); a folder
  /// counts as a split where it holds folders itself, so that a class of trains stays a class. What would give classes
  /// called "Train" and "Test", two folders of one split, and labels that are not in the names of folders are refused.
  /// Throws an `ImageFolderError`.
  public static func find(_ root: BytePath) throws -> ImageFolderLayout {
    guard FileTree.folderIdentity(root) != nil else { throw ImageFolderError.notAFolder(root.description) }
    let contents = try FolderContents(root)
    var found: [SplitName: [BytePath]] = [:]
    var flat: [BytePath] = []
    for name in contents.folders {
      guard let split = SplitName(folderName: name) else { continue }
      if try FolderContents(root.appending(name)).folders.isEmpty {
        flat.append(name)
      } else {
        found[split, default: []].append(name)
      }
    }
    let others = contents.folders.filter { SplitName(folderName: $0) == nil }
    guard !found.isEmpty else {
      // One flat folder called "train" beside others is a class of trains.
      let isClass = flat.count == 1 && SplitName(folderName: flat[0]) == .train && !others.isEmpty
      if !flat.isEmpty, !isClass { throw refusal(of: flat, beside: contents.tables, in: root) }
      if let names = SplitName.pair(in: others) {
        throw ImageFolderError.splitsWithOtherNames(names.map(\.description), root: root.description)
      }
      try contents.requireClassFolders(root)
      return ImageFolderLayout(root: root, train: root, validation: nil, test: nil, notes: [])
    }
    for (split, names) in found where names.count > 1 {
      throw ImageFolderError.severalFolders(
        of: split.rawValue, names.map(\.description), root: root.description)
    }
    var notes: [String] = []
    for name in flat {
      let numImages = try FolderContents(root.appending(name)).numImages
      if numImages == 0 { continue }
      // A test split without labels is usual; a validation split without them would be missed.
      guard SplitName(folderName: name) == .test else { throw refusal(of: [name], beside: contents.tables, in: root) }
      notes.append("\(numImages) images in '\(name)' have no class folders and are left out")
    }
    let ignored = try others.filter { try FolderContents(root.appending($0)).numImages > 0 }
    if !ignored.isEmpty {
      notes.append(
        "folders of images that lie beside the splits are left out: "
          + ignored.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (ignored.count > 5 ? ", ..." : ""))
    }
    let folders = found.mapValues { root.appending($0[0]) }
    for folder in folders.values.sorted() { try FolderContents(folder).requireClassFolders(folder) }
    return ImageFolderLayout(
      root: root, train: folders[.train], validation: folders[.validation], test: folders[.test], notes: notes)
  }

  private static func refusal(
    of names: [BytePath], beside tables: [BytePath], in root: BytePath
  ) -> ImageFolderError {
    if let table = tables.first {
      return .labelsInTable(table.description, root: root.description)
    }
    return .splitWithoutClasses(names.map(\.description), root: root.description)
  }
}

/// What lies in a folder, as far as it tells a layout.
private struct FolderContents {
  /// The names of folders.
  private(set) var folders: [BytePath] = []
  /// The names of tables: files of comma- or tab-separated values.
  private(set) var tables: [BytePath] = []
  /// The number of image files.
  private(set) var numImages = 0

  init(_ folder: BytePath) throws {
    for entry in try ImageFolder.list(folder) {
      switch entry.kind {
      case .folder: folders.append(entry.name)
      case .file where ImageFolder.isImage(entry.name): numImages += 1
      case .file: if ["csv", "tsv"].contains(entry.name.pathExtension) { tables.append(entry.name) }
      }
    }
  }

  /// Refuses a folder whose folders are not classes: images of all classes beside a table of labels, or beside the boxes
  /// of a detection set.
  func requireClassFolders(_ root: BytePath) throws {
    let lowered = Set(folders.map { $0.description.lowercased() })
    if lowered.contains("images"), lowered.count > 1,
      lowered.isSubset(of: ["images", "labels", "annotations", "masks"])
    {
      throw ImageFolderError.notForClassification(folders.map(\.description), root: root.description)
    }
    guard let table = tables.first, folders.count <= 1 else { return }
    let inFolder = try folders.first.map { try FolderContents(root.appending($0)) }
    if inFolder?.folders.isEmpty ?? (numImages > 0) {
      throw ImageFolderError.labelsInTable(table.description, root: root.description)
    }
  }
}

// The splits of a set, and the names of folders that stand for them.

/// A split of a set of images.
public enum SplitName: String, Sendable, Hashable, CaseIterable, Codable {
  /// The images to train on.
  case train
  /// The images that a run is evaluated on while it trains.
  case validation
  /// The images that nothing is chosen by. They are never merged into the others.
  case test

  /// The names of folders and shards of this split in lower case, the usual one first.
  public var folderNames: [String] {
    switch self {
    case .train: ["train", "training"]
    case .validation: ["validation", "valid", "val"]
    case .test: ["test", "testing"]
    }
  }

  /// The split that a folder's name stands for, in any letter case; nil where it is none.
  public init?(folderName name: BytePath) {
    let lowered = name.description.lowercased()
    guard let found = Self.allCases.first(where: { $0.folderNames.contains(lowered) }) else { return nil }
    self = found
  }

  /// Two folders that are splits in all but their names, such as `train_images` and `test_images`; nil where there are
  /// none.
  static func pair(in folders: [BytePath]) -> [BytePath]? {
    var first: [String: (split: SplitName, folder: BytePath)] = [:]
    for folder in folders {
      let words = folder.description.lowercased().split { "_- .".contains($0) }.map(String.init)
      guard words.count > 1, let place = words.firstIndex(where: { SplitName(folderName: BytePath($0)) != nil }),
        let split = SplitName(folderName: BytePath(words[place]))
      else { continue }
      let rest = (words[..<place] + ["*"] + words[(place + 1)...]).joined(separator: " ")
      if let other = first[rest], other.split != split { return [other.folder, folder] }
      first[rest] = (split, folder)
    }
    return nil
  }
}
