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
  case emptyClasses([String], root: String)
  /// Two folders whose names are the same text (or differ in Unicode's composition only).
  case ambiguousClass(String, root: String)
  /// Folders that are not in the list of classes the model was trained on.
  case unknownClasses([String], known: [String], root: String)
  /// Folders are nested deeper than any sane set.
  case tooDeep(String)
  /// None of the classes holds an image.
  case noImages(String)
  /// A folder with `validation/` but without `train/`.
  case noTrainingFolder(String)

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
    case .emptyClasses(let names, let root):
      return "no image (\(ImageFolder.extensionList)) in \(names.count) class folder(s) of '\(root)': "
        + "\(listed(names)); add images to them or remove the folders"
    case .ambiguousClass(let name, let root):
      return "two class folders of '\(root)' are called '\(name)'; rename one of them"
    case .unknownClasses(let names, let known, let root):
      return "'\(root)' holds \(names.count) class folder(s) that the model does not know: \(listed(names)); "
        + "it knows \(known.count): \(listed(known))"
    case .tooDeep(let path):
      return "folders are nested more than \(ImageFolder.maxDepth) deep at '\(path)'; flatten them"
    case .noImages(let root):
      return "no image (\(ImageFolder.extensionList)) in any class folder of '\(root)'; check the path"
    case .noTrainingFolder(let root):
      return "'\(root)' holds validation images but no 'train' folder; add train/CLASS/, or split the raw images with "
        + "'vitrail data split'"
    }
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
  }
}
