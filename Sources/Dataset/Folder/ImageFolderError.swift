// Why a folder cannot be used as a set of images, and what to do about it.

/// An image folder that cannot be used.
public enum ImageFolderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no folder at the path.
  case notAFolder(String)
  /// A folder below the root cannot be listed.
  case unreadable(FileError)
  /// The folder holds no folder of a class; `numLooseImages` image files lie in it directly.
  case noClasses(String, numLooseImages: Int)
  /// Some classes hold no image at all.
  case emptyClasses([String], root: String, otherImages: [String: Int] = [:])
  /// Two folders whose names are the same text (or differ in Unicode's composition only).
  case ambiguousClass(String, root: String)
  /// Folders that are not in the list of classes the model was trained on.
  case unknownClasses([String], known: [String], root: String)
  /// Folders are nested deeper than any sane set.
  case tooDeep(String)
  /// None of the classes holds an image.
  case noImages(String, otherImages: [String: Int] = [:])
  /// Folders of other splits, called `found`, but none to train on.
  case noTrainingFolder(String, found: [String])
  /// Folders with the names of splits that hold no class folders.
  case splitWithoutClasses([String], root: String)
  /// Several folders that stand for the same split.
  case severalFolders(of: String, [String], root: String)
  /// Folders that are splits in all but their names, such as `train_images` and `test_images`.
  case splitsWithOtherNames([String], root: String)
  /// Images of all classes in one folder, beside a table that could hold their labels.
  case labelsInTable(String, root: String)
  /// The folders of a set for detection or segmentation.
  case notForClassification([String], root: String)
  /// One class alone, which tells a model nothing; `inner`: it holds folders, which could be the classes.
  case oneClass(String, root: String, inner: Bool)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notAFolder(let path):
      return "'\(path)' is not a folder; give the folder that holds one folder per class"
    case .unreadable(let error):
      return error.description
    case .noClasses(let root, let numLoose):
      let found = numLoose == 0 ? "no folders" : "\(numLoose) image(s) but no folders"
      return "'\(root)' holds \(found); put the images of each class into a folder named for it (CLASS/image.jpg)"
    case .emptyClasses(let names, let root, let others):
      return
        "no image (\(ImageFolder.extensionList)) in \(names.count) class folder(s) of '\(root)': \(listed(names)); "
        + (ImageFolder.conversionHint(others) ?? "add images to them or remove the folders")
    case .ambiguousClass(let name, let root):
      return "two class folders of '\(root)' are called '\(name)'; rename one of them"
    case .unknownClasses(let names, let known, let root):
      return "'\(root)' holds \(names.count) class folder(s) that the model does not know: \(listed(names)); "
        + "it knows \(known.count): \(listed(known))"
    case .tooDeep(let path):
      return "folders are nested more than \(ImageFolder.maxDepth) deep at '\(path)'; flatten them"
    case .noImages(let root, let others):
      return "no image (\(ImageFolder.extensionList)) in any class folder of '\(root)'; "
        + (ImageFolder.conversionHint(others) ?? "check the path")
    case .noTrainingFolder(let root, let found):
      return "'\(root)' holds \(listed(found)) but no 'train' folder; move the folders of the classes to train on into "
        + "train/, or split the raw images with 'vitrail data split'"
    case .splitWithoutClasses(let names, let root):
      return "\(listed(names)) in '\(root)' would be a split but holds no class folders; put the images of each class "
        + "into a folder named for it (\(names[0])/CLASS/image.jpg), or rename what is a class"
    case .severalFolders(let split, let names, let root):
      return "'\(root)' holds several folders for \(split): \(listed(names)); keep one of them, or merge them"
    case .splitsWithOtherNames(let names, let root):
      return "\(listed(names)) in '\(root)' look like splits, not classes; rename them to train, validation and test, "
        + "with the images of each class in a folder named for it"
    case .labelsInTable(let table, let root):
      return "'\(root)' holds images beside '\(table)', and labels are not read from tables; put the images of each "
        + "class into a folder named for it (docs/data.md has a script)"
    case .notForClassification(let names, let root):
      return
        "'\(root)' holds \(listed(names)), as sets for detection and segmentation do; put the images of each class "
        + "into a folder named for it (CLASS/image.jpg)"
    case .oneClass(let name, let root, let inner):
      return "'\(root)' holds one class, '\(name)', and a classifier needs two or more; "
        + (inner ? "give '\(root)/\(name)' if its folders are the classes, or add class folders" : "add class folders")
    }
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }
}
