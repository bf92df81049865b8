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
