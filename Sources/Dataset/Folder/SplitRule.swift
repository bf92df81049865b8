// Which files of a class a split sends to training.

/// How a split chooses among the files of a class.
public enum SplitRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// Files drawn by the seed, as many as `SplitRatio.numTrain` says.
  case exact
  /// The first files in the order of their names, and one more than the share: the loop `for i, name in enumerate(names):
  /// if i <= floor(n * share)` of a published tutorial (see docs/compat.md). 3,670 flowers become 2,939 and 731, not 2,934
  /// and 736. Nothing is drawn, so a class whose files are sorted by date or camera is split by date or camera.
  case inclusive
}
