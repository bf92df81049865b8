// TensorBoard event files: framed protocol buffers, one file per start of a run.

import Foundation
import Settings
import SwiftProtobuf
import TFRecord

/// Writes scalars to a TensorBoard event file.
///
/// Every number of a record is a scalar under `train/`, `epoch/` or `evaluation/` and its field's name, at the record's
/// `step`. Only the records `step`, `epoch` and `evaluation` are written. Values are in single precision, as the format
/// has it. A run that goes on after step N marks what earlier files hold beyond N as void.
public final class EventFileSink: MetricSink {
  /// The file.
  public let path: String
  private let writer: RecordWriter
  private let now: () -> Double

  /// Creates an event file in a folder, which is made where it is missing.
  ///
  /// - Parameters:
  ///   - directory: The folder, which TensorBoard is pointed at.
  ///   - resumedAfterStep: The last step that is kept of earlier files, for a run that goes on.
  ///   - host: The host's name in the file's name; nil asks the system.
  ///   - now: The seconds since 1970 that events and the file's name take.
  public init(
    directory: String, resumedAfterStep: Int? = nil, host: String? = nil,
    now: @escaping () -> Double = wallSeconds
  ) throws(TelemetryError) {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw TelemetryError(path: directory, message: "cannot be created: \(plainReason(of: error))")
    }
    let host = (host ?? Self.hostName()).map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" }.prefix(
      64)
    let stem = "\(directory)/events.out.tfevents.\(Int(now())).\(String(host)).\(getpid())"
    // Two starts of one process within a second differ in the last number.
    let number = (0...).first { !FileManager.default.fileExists(atPath: "\(stem).\($0)") } ?? 0
    path = "\(stem).\(number)"
    self.now = now
    do {
      writer = try RecordWriter(creating: path)
    } catch {
      throw TelemetryError(path: path, message: error.summary)
    }
    try append { $0.fileVersion = "brain.Event:2" }
    if let step = resumedAfterStep {
      try append { event in
        event.step = Int64(step + 1)
        event.sessionLog.status = .start
      }
    }
  }

  /// Writes the numbers of a record.
  public func write(_ record: MetricRecord) throws(TelemetryError) {
    let group: String
    switch record.event {
    case .step: group = "train"
    case .epoch: group = "epoch"
    case .runStart, .warning, .runEnd: return
    }
    guard let step = record.int("step") ?? record.int("epoch") else { return }
    let values = record.fields.compactMap { field -> EventFileSummary.Value? in
      guard field.key != "step", field.key != "epoch", let number = field.value.number else { return nil }
      var value = EventFileSummary.Value()
      value.tag = "\(group)/\(field.key)"
      value.simpleValue = Float(number)
      return value
    }
    if values.isEmpty { return }
    try append { event in
      event.step = Int64(step)
      event.summary.value = values
    }
  }

  /// Writes through to the disk and closes the file.
  public func close() throws(TelemetryError) {
    do {
      try writer.close()
    } catch {
      throw TelemetryError(path: path, message: error.summary)
    }
  }

  /// The name of this host as the system has it, without asking the network.
  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private func append(_ fill: (inout EventFileEvent) -> Void) throws(TelemetryError) {
    var event = EventFileEvent()
    event.wallTime = now()
    fill(&event)
    do {
      try writer.write(Array(try event.serializedData()))
      try writer.flush()
    } catch {
      throw TelemetryError(path: path, message: "cannot write: \(error); is the disk full?")
    }
  }
}
