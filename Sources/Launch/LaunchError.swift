import Files

/// Why ranks could not be started, or not be kept together.
public enum LaunchError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was asked for makes no sense.
  case usage(String)
  /// The system refused, or another machine did.
  case failed(String)

  /// Whether the user has to ask for something else.
  public var isUsage: Bool { if case .usage = self { true } else { false } }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .usage(let text), .failed(let text): text
    }
  }
}
