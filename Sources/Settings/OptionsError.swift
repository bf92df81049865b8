// Everything wrong with one set of settings.

/// All issues of a settings file and its `--set` flags; there is at least one.
public struct OptionsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file's name, or what else the settings came from.
  public var source: String
  /// The issues, those of the file first and in the order of its lines.
  public var issues: [OptionsIssue]

  /// Creates an error of at least one issue.
  public init(source: String, issues: [OptionsIssue]) {
    precondition(!issues.isEmpty, "An OptionsError needs an issue")
    self.source = source
    self.issues = issues
  }

  /// A heading and one line per issue; the first 100 are shown.
  public var description: String {
    let shown = issues.prefix(100).map { "  \($0)" }
    let rest = issues.count > shown.count ? ["  and \(issues.count - shown.count) more"] : []
    let heading = "\(source): \(issues.count) error\(issues.count == 1 ? "" : "s") in the settings"
    return ([heading] + shown + rest).joined(separator: "\n")
  }
}

// One fault of a settings file or of a `--set` flag.

/// One fault found in settings: where it is, what was found, what is expected.
public struct OptionsIssue: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where a value was written.
  public enum Origin: Sendable, Equatable {
    /// A line of the settings file, counted from 1.
    case line(Int)
    /// A `--set` flag, as `path=value`.
    case flag(String)
    /// A flag of the command's own that stands for a setting, as the user wrote it: `--model vit_tiny`.
    case argument(String)
    /// Nowhere: the value is a default.
    case defaults
  }

  /// What kind of fault it is.
  public enum Kind: Sendable, Equatable {
    /// The YAML cannot be parsed, or is larger, deeper or stranger than settings may be.
    case syntax
    /// A key that no section knows at this place.
    case unknownKey
    /// A value of the wrong type, or not one of those allowed.
    case wrongValue
    /// A key without which there is no value.
    case missing
    /// A value that a section's own check refused.
    case invalid
    /// A `--set` flag that is not `path=value`, or whose path leads nowhere.
    case override
  }

  /// The dotted path of the key, in snake case, list positions counted from 0; empty for the whole file.
  public var path: String
  /// Where the value was written.
  public var origin: Origin
  /// The kind of fault.
  public var kind: Kind
  /// What is wrong and what is expected instead, in one line.
  public var message: String
  /// The nearest known name, where one is near.
  public var suggestion: String?

  /// Creates an issue.
  public init(path: String, origin: Origin, kind: Kind, message: String, suggestion: String? = nil) {
    self.path = path
    self.origin = origin
    self.kind = kind
    self.message = message
    self.suggestion = suggestion
  }

  /// One line: origin, path, what is wrong, the suggestion.
  public var description: String {
    var parts: [String] = []
    switch origin {
    case .line(let line): parts.append("line \(line)")
    case .flag(let flag): parts.append("--set \(flag)")
    case .argument(let text): parts.append(text)
    case .defaults: break
    }
    if !path.isEmpty { parts.append(path) }
    parts.append(message)
    return parts.joined(separator: ": ") + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
  }
}
