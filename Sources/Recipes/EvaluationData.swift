public import Dataset

/// The images that a trained model is scored on.
public enum EvaluationData {
  /// The validation part of a folder where there is one, else all of it: TFRecord shards where it holds any, else a
  /// folder for each class.
  /// - Parameters:
  ///   - known: the classes of the model in order; nil for a model that knows them by number alone.
  ///   - note: told what the user should know of the set.
  /// - Throws: `ImageFolderError`, `ShardError`, `RecordError`, `FileError`.
  public static func find(
    _ path: BytePath, classes known: [String]?, note: (String) -> Void = { _ in }
  ) throws -> any SampleSource {
    guard try ShardSet.isThere(path) else {
      return try ImageFolder(root: ImageFolderLayout.findEvaluation(path), classes: known)
    }
    let set = try ShardSet(path, classes: known, numThreads: AvailableProcessors.count)
    for line in set.notes { note(line) }
    guard let found = set.validation ?? set.test ?? set.train else { throw ShardError.noShards(path.description) }
    return found
  }
}
