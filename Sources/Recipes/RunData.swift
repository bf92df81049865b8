import Augment
public import Dataset
import Foundation
import Preprocessing
import Settings
import Training

/// The images of a run: both splits, and where they come from.
public struct RunData {
  /// Images to train on.
  public let train: any SampleSource
  /// Images to evaluate on.
  public let validation: any SampleSource
  /// Whether the folder had no validation split, so that its images were split.
  public let isSplitOnTheFly: Bool
  /// What the user should know of the set, one line each.
  public let notes: [String]

  /// Finds the images of `options`: TFRecord shards where the folder holds any, else a folder for each class.
  /// - Parameter seed: decides a split on the fly.
  /// - Throws: `ImageFolderError`, `SplitError`, `ShardError`, `RecordError`, `FileError`.
  public init(_ options: DataOptions, seed: UInt64) throws {
    let path = BytePath(options.path)
    if try ShardSet.isThere(path) {
      try self.init(shards: path, options, seed: seed)
    } else {
      try self.init(folder: path, options, seed: seed)
    }
  }

  private init(shards path: BytePath, _ options: DataOptions, seed: UInt64) throws {
    let set = try ShardSet(path, verify: options.verify, numThreads: AvailableProcessors.count)
    guard let all = set.train else { throw ShardError.noTrainingShards(options.path) }
    if all.classes.count == 1 { throw ShardError.oneClass(all.classes[0], root: options.path) }
    notes = set.notes
    if let validation = set.validation {
      train = all
      self.validation = validation
      isSplitOnTheFly = false
    } else {
      (train, validation) = try all.split(ratio: options.split, seed: seed, rule: options.splitRule)
      isSplitOnTheFly = true
    }
  }

  private init(folder path: BytePath, _ options: DataOptions, seed: UInt64) throws {
    let layout = try ImageFolderLayout.find(path)
    let folder = try ImageFolder(root: layout.requireTrain(), order: options.classOrder)
    try folder.requireSeveralClasses()
    if let root = layout.validation {
      let validation = try ImageFolder(root: root, order: options.classOrder, classes: folder.classes)
      train = folder
      self.validation = validation
      isSplitOnTheFly = false
      notes = layout.notes + folder.notes.lines(side: "training") + validation.notes.lines(side: "validation")
    } else {
      let split = try Split(folder, ratio: options.split, seed: seed, rule: options.splitRule)
      train = folder.selecting(split.train)
      validation = folder.selecting(split.validation)
      isSplitOnTheFly = true
      notes = layout.notes + folder.notes.lines(side: "training")
    }
  }
}

extension RunData {
  /// What a checkpoint says of the images of a run with these settings.
  func description(of options: RunOptions) -> DataDescription {
    let own = DataDescription.OwnSplit(ratio: options.data.split, rule: options.data.splitRule, seed: options.seed)
    return DataDescription(
      path: URL(fileURLWithPath: options.data.path).standardizedFileURL.path, ownSplit: isSplitOnTheFly ? own : nil,
      train: train, validation: validation)
  }
}
