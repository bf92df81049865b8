// What can go wrong when metrics are written.

/// A metrics file that cannot be written or read.
public struct TelemetryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file or folder.
  public var path: String
  /// What failed, and what to do about it.
  public var message: String

  /// Creates an error.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// One line: the file, what failed.
  public var description: String { "\(path): \(message)" }
}
