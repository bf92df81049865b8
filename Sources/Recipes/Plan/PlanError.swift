/// A plan that cannot be made of what was given: one line that says what is wrong and what to do.
public struct PlanError: Error, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String

  init(_ description: String) { self.description = description }
}
