import Telemetry

/// A variable or a flag with its value, for messages.
public struct NamedValue: Equatable, Sendable, CustomStringConvertible {
  /// The variable's name, or the flag with its dashes.
  public let name: String
  /// What it was set to.
  public let value: String

  /// A name with its value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// `RANK=3`, or `--rank 3`, at most some fifty characters of the value, fit for a terminal.
  public var description: String {
    let shown = value.count > 48 ? String(value.prefix(48)) + "..." : value
    return name + (name.hasPrefix("-") ? " " : "=") + printable(shown)
  }
}

/// What the environment or the flags say of a process's place, and cannot be so.
public enum LaunchEnvironmentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A value that is not what it has to be; `expected` says what that is.
  case malformed(NamedValue, expected: String)
  /// One of a pair, without the other.
  case missing(String, besides: NamedValue)
  /// A number that is not below the size it counts in.
  case outOfRange(NamedValue, size: NamedValue)
  /// Two launchers that cannot both be right.
  case disagreement([NamedValue])
  /// Nothing says where rank 0 is to be met; `variables` are to be set.
  case noMaster(LaunchEnvironment.Source, variables: String)

  /// One line: what, with the values, and what to do.
  public var description: String {
    switch self {
    case .malformed(let value, let expected): "\(value) is not \(expected): set it rightly or unset it"
    case .missing(let name, let value):
      "\(value) without \(name): "
        + (name.hasPrefix("-") ? "give both or neither" : "set both or neither (env | sort shows what is set)")
    case .outOfRange(let value, let size): "\(value) does not go with \(size): ranks count from 0"
    case .disagreement(let values):
      "\(values.map(\.description).joined(separator: ", ")) contradict each other: "
        + "unset those of the launcher that did not start this process"
    case .noMaster(let source, let variables):
      "\(source.rawValue) does not say where rank 0 is to be met: set \(variables) to the same for all ranks"
    }
  }
}
