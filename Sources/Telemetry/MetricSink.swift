// Where records go: the console, a JSON lines file, an event file.

/// Takes the records of a run. Used from one thread.
public protocol MetricSink: AnyObject {
  /// Takes one record; it is safe from a kill of the process when this returns.
  func write(_ record: MetricRecord) throws(TelemetryError)
  /// Ends the writing. Nothing may be written afterwards.
  func close() throws(TelemetryError)
}
