// What the operating system refused, with the path and its own words.

package import SystemPackage

/// A file operation that failed.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried, as a verb: "open", "read", "write".
  public let operation: String
  /// The path, fit for a message.
  public let path: String
  /// The error number, or nil where the reason is not the kernel's.
  public let code: Int32?
  /// Why, in words.
  public let reason: String

  /// An error with the kernel's words for `code`.
  public init(_ operation: String, _ path: BytePath, code: Int32) {
    self.operation = operation
    self.path = path.description
    self.code = code
    self.reason = Errno(rawValue: code).description
  }

  /// An error of our own finding, such as "is not a regular file".
  public init(_ operation: String, _ path: BytePath, reason: String) {
    self.operation = operation
    self.path = path.description
    self.code = nil
    self.reason = reason
  }

  /// One line: what, where, why.
  public var description: String {
    let advice =
      switch number {
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        "; raise the limit on open files (ulimit -n) or use fewer workers"
      case .noSpace, .diskQuotaExceeded: "; free some space or choose another folder"
      case .permissionDenied, .notPermitted: "; check its permissions"
      case .noSuchFileOrDirectory where operation == "create": "; make its folder first"
      case .improperLink: "; hard links need both folders on one file system, so copy instead"
      default: ""
      }
    return "cannot \(operation) '\(path)': \(reason)\(advice)"
  }

  /// True where the system, not this file, is at fault (no descriptors, no memory): another file would fail as well.
  package var isSystemWide: Bool {
    switch number {
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory: true
    default: false
    }
  }

  /// The error number, or nil where the reason is not the kernel's.
  package var number: Errno? { code.map { Errno(rawValue: $0) } }

  /// Runs calls of the system. A number that they throw becomes an error of this operation on this path.
  package static func naming<Result: ~Copyable>(
    _ operation: String, _ path: BytePath, _ calls: () throws(Errno) -> Result
  ) throws(FileError) -> Result {
    do throws(Errno) { return try calls() } catch { throw FileError(operation, path, code: error.rawValue) }
  }
}
