// Where records go: the console, a JSON lines file, an event file.

/// Takes the records of a run. Used from one thread.
public protocol MetricSink: AnyObject {
  /// Takes one record; it is safe from a kill of the process when this returns.
  func write(_ record: MetricRecord) throws(TelemetryError)
  /// Ends the writing. Nothing may be written afterwards.
  func close() throws(TelemetryError)
}

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
