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
