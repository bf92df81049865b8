/// A state that another kind of optimizer made.
public struct OptimizerStateMismatch: Error, Equatable, CustomStringConvertible {
  /// The optimizer that was to load the state.
  public let expected: String
  /// The optimizer that made it.
  public let found: String

  /// A mismatch of the two names.
  public init(expected: String, found: String) {
    self.expected = expected
    self.found = found
  }

  /// One line.
  public var description: String {
    "the checkpoint holds the state of optimizer '\(found)', the run uses '\(expected)'. "
      + "Resume with the same optimizer, or start a new run from the weights alone"
  }
}
