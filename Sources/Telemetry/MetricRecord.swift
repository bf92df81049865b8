// What happened in a run, as a name and ordered fields: the one vocabulary of all sinks. docs/formats/metrics.md lists the
// fields of every event.

import Settings

/// One event of a run.
public struct MetricRecord: Sendable, Equatable {
  /// The kinds of events.
  public enum Event: String, Sendable, Equatable, CaseIterable {
    /// A run begins or goes on: `total_steps`, `steps_per_epoch`, `epochs`, `step` (done so far), `epoch`, and what the
    /// run is made of.
    case runStart = "run_start"
    /// An optimizer step: `step`, `epoch`, `loss`, `lr`, `images_per_second`, `step_seconds`, `data_wait_seconds`.
    case step
    /// The end of an epoch: `step`, `epoch`, `train_loss`, `val_loss`, `val_top1`, `val_top5`, and how fast it was, how
    /// long its steps took and how much memory: `epoch_seconds`, `images_per_second`, `tflops`, `mfu`, `data_wait`,
    /// `peak_memory_mb` and more.
    case epoch
    /// Something the user should know: `message`.
    case warning
    /// A run ends: `status` (`completed`, `interrupted` or `failed`), `step`, `epoch`, `seconds`.
    case runEnd = "run_end"
  }

  /// A value of a field.
  public enum Value: Sendable, Equatable {
    /// An integer.
    case int(Int)
    /// A number in double precision.
    case double(Double)
    /// A number in single precision: a loss as the device has it.
    case float(Float)
    /// A text.
    case string(String)
    /// A truth value.
    case bool(Bool)
    /// A list.
    case list([Value])

    /// The value as a number, or nil for a text, a truth value or a list.
    public var number: Double? {
      switch self {
      case .int(let value): Double(value)
      case .double(let value): value
      case .float(let value): Double(value)
      case .string, .bool, .list: nil
      }
    }

    var optionsValue: OptionsValue {
      switch self {
      case .int(let value): .int(Int64(value))
      case .double(let value): .double(value)
      case .float(let value): .float(value)
      case .string(let value): .string(value)
      case .bool(let value): .bool(value)
      case .list(let values): .list(values.map(\.optionsValue))
      }
    }
  }

  /// A name and a value.
  public struct Field: Sendable, Equatable {
    /// The name, in snake case.
    public var key: String
    /// The value.
    public var value: Value

    /// Creates a field.
    public init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// The kind of event.
  public var event: Event
  /// The fields in order.
  public var fields: [Field]

  /// Creates a record: `MetricRecord(.step, ["step": 1, "loss": .float(loss)])`.
  public init(_ event: Event, _ fields: KeyValuePairs<String, Value> = [:]) {
    self.event = event
    self.fields = fields.map { Field($0.key, $0.value) }
  }

  /// The value of a field.
  public subscript(key: String) -> Value? { fields.first { $0.key == key }?.value }

  /// The value of a field that is an integer.
  public func int(_ key: String) -> Int? {
    if case .int(let value)? = self[key] { value } else { nil }
  }

  /// The value of a field that is a number.
  public func number(_ key: String) -> Double? { self[key]?.number }

  /// The value of a field that is a text.
  public func string(_ key: String) -> String? {
    if case .string(let value)? = self[key] { value } else { nil }
  }
}

extension MetricRecord.Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// An integer.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A number in double precision.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: MetricRecord.Value...) { self = .list(elements) }
}

// Where records go: the console, a JSON lines file, an event file.

/// Takes the records of a run. Used from one thread.
public protocol MetricSink: AnyObject {
  /// Takes one record; it is safe from a kill of the process when this returns.
  func write(_ record: MetricRecord) throws(TelemetryError)
  /// Ends the writing. Nothing may be written afterwards.
  func close() throws(TelemetryError)
}

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
