// metrics.jsonl: one JSON object per record and line, appended whole. docs/formats/metrics.md describes the format.

import Foundation
import Settings

/// Appends records to a JSON lines file.
///
/// Every line is handed to the system in one piece before `write` returns, so that a kill of the process leaves whole
/// lines. Numbers have the fewest digits that read back as the same number. A number that is not finite is null, with
/// its name beside it under the key with `_nonfinite` appended: `"loss": null, "loss_nonfinite": "nan"`.
public final class JSONLinesSink: MetricSink {
  /// The file.
  public let path: String
  private let handle: FileHandle
  private let now: () -> Double

  /// Opens a file for appending; it is made where there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - now: The seconds since 1970 that a line's `time` takes.
  public init(path: String, now: @escaping () -> Double = wallSeconds) throws(TelemetryError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw TelemetryError(path: path, message: "cannot open for writing: \(String(cString: strerror(errno)))")
    }
    self.path = path
    self.now = now
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Appends a line.
  public func write(_ record: MetricRecord) throws(TelemetryError) {
    do {
      try handle.write(contentsOf: Data(Self.line(for: record, time: now()).utf8))
    } catch {
      throw TelemetryError(path: path, message: "cannot write: \(plainReason(of: error))")
    }
  }

  /// Writes through to the disk and closes the file.
  public func close() throws(TelemetryError) {
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw TelemetryError(path: path, message: "cannot close: \(plainReason(of: error))")
    }
  }

  /// The line of a record, newline included: `event`, `time`, then the fields in order.
  static func line(for record: MetricRecord, time: Double) -> String {
    var entries: [OptionsValue.Entry] = [
      OptionsValue.Entry("event", .string(record.event.rawValue)),
      OptionsValue.Entry("time", .double((time * 1000).rounded() / 1000)),
    ]
    for field in record.fields {
      entries.append(OptionsValue.Entry(field.key, field.value.optionsValue))
      if let number = field.value.number, !number.isFinite {
        let name = number.isNaN ? "nan" : number > 0 ? "inf" : "-inf"
        entries.append(OptionsValue.Entry(field.key + "_nonfinite", .string(name)))
      }
    }
    return OptionsValue.mapping(entries).compactJSON + "\n"
  }
}

extension JSONLinesSink {
  /// Cuts a file back to a step, before a run goes on from a checkpoint of that step.
  ///
  /// Everything from the first line whose `step` is above the given one, or that ends an epoch above the given one, is
  /// dropped, and so are lines that are no JSON object: a last line without its end, or what a fault of the disk has
  /// left. The file is replaced in one piece.
  ///
  /// - Returns: The number of lines dropped; 0 if there is no such file.
  @discardableResult
  public static func truncate(path: String, afterStep step: Int, epoch: Int = .max) throws(TelemetryError) -> Int {
    guard FileManager.default.fileExists(atPath: path) else { return 0 }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      var kept = Data()
      var numDropped = 0
      var isPast = false
      for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
        let isWhole = line.endIndex < data.endIndex
        let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
        if let lineStep = object?["step"] as? Int, lineStep > step { isPast = true }
        if object?["event"] as? String == MetricRecord.Event.epoch.rawValue, let lineEpoch = object?["epoch"] as? Int,
          lineEpoch > epoch
        {
          isPast = true
        }
        if isPast || !isWhole || object == nil {
          numDropped += 1
        } else {
          kept += line
          kept.append(UInt8(ascii: "\n"))
        }
      }
      if numDropped > 0 { try replace(path, with: kept) }
      return numDropped
    } catch {
      throw TelemetryError(path: path, message: "cannot be cut back to step \(step): \(plainReason(of: error))")
    }
  }

  private static func replace(_ path: String, with data: Data) throws {
    let temporary = "\(path).\(getpid()).tmp"
    try data.write(to: URL(fileURLWithPath: temporary))
    do {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: temporary))
      try handle.synchronize()
      try handle.close()
      guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
  }
}
