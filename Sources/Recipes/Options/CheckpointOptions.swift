public import Settings

/// What a run keeps on disk.
public struct CheckpointOptions: Validatable, Equatable {
  /// How many of the newest checkpoints are kept; `best` is kept besides.
  public var keep = 3
  /// Saves at the end of every so many epochs.
  public var everyEpochs = 1
  /// Saves after every so many steps as well.
  public var everySteps: Int?

  /// Each epoch, the newest three.
  public init() {}

  /// Reports values out of range.
  public func validate(_ issues: inout IssueCollector) {
    issues.check("keep", keep, atLeast: 1)
    issues.check("every_epochs", everyEpochs, atLeast: 1)
    if let everySteps { issues.check("every_steps", everySteps, atLeast: 1) }
  }
}
