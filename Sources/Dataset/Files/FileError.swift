// What the operating system refused, with the path and its own words.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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
    self.reason = String(cString: strerror(code))
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
      switch code {
      case EMFILE, ENFILE: "; raise the limit on open files (ulimit -n) or use fewer workers"
      case ENOSPC, EDQUOT: "; free some space or choose another folder"
      case EACCES, EPERM: "; check its permissions"
      case ENOENT where operation == "create": "; make its folder first"
      case EXDEV: "; hard links need both folders on one file system, so copy instead"
      default: ""
      }
    return "cannot \(operation) '\(path)': \(reason)\(advice)"
  }

  /// True where the system, not this file, is at fault (no descriptors, no memory): another file would fail as well.
  var isSystemWide: Bool {
    switch code {
    case EMFILE, ENFILE, ENOMEM: true
    default: false
    }
  }
}

/// Calls until the call is not interrupted by a signal; the result is that of the call.
func retryingInterrupts(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
