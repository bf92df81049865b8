/// Weights that are far too few for the model that they are said to be of.
public struct WeightsSizeMismatch: Error, Equatable, CustomStringConvertible {
  /// Scalars of the model.
  public let expected: Int
  /// Scalars of the weights.
  public let found: Int

  /// A mismatch of the two counts.
  public init(expected: Int, found: Int) {
    self.expected = expected
    self.found = found
  }

  /// One line.
  public var description: String {
    "the weights hold \(found) numbers, the model has \(expected). Use the model that the weights were made for"
  }
}
