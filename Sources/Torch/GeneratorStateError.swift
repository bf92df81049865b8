/// What was to be a generator's state is none.
public struct GeneratorStateError: Error, Equatable, CustomStringConvertible {
  /// One line.
  public var description: String { "the state of a random generator is damaged, or of another version of libtorch" }

  /// The error.
  public init() {}
}
