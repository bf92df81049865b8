import Augment
public import Dataset
import Preprocessing
import Settings

/// The images of a run: both sides of the split, and where that comes from.
public struct RunData {
  /// Images to train on.
  public let train: ImageFolder
  /// Images to evaluate on.
  public let validation: ImageFolder
  /// Whether the folder had no validation part, so that its images were split.
  public let isSplitOnTheFly: Bool

  /// Finds the images of `options`.
  /// - Parameter seed: decides a split on the fly.
  /// - Throws: `ImageFolderError`, `SplitError`.
  public init(_ options: DataOptions, seed: UInt64) throws {
    let layout = try ImageFolderLayout.find(BytePath(options.path))
    let folder = try ImageFolder(root: layout.train, order: options.classOrder)
    if let validation = layout.validation {
      train = folder
      self.validation = try ImageFolder(root: validation, order: options.classOrder, classes: folder.classes)
      isSplitOnTheFly = false
    } else {
      let split = try Split(folder, ratio: options.split, seed: seed, rule: options.splitRule)
      train = folder.selecting(split.train)
      validation = folder.selecting(split.validation)
      isSplitOnTheFly = true
    }
  }
}
