// metrics.jsonl: one JSON object per record and line, appended whole. docs/formats/metrics.md describes the format.

import Files
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
  private let file: OutputFile
  private let now: () -> Double

  /// Opens a file for appending; it is made where there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - now: The seconds since 1970 that a line's `time` takes.
  public init(path: String, now: @escaping () -> Double = wallSeconds) throws(TelemetryError) {
    do throws(FileError) { file = try OutputFile(appendingTo: BytePath(path), ofAnyKind: true) } catch {
      throw TelemetryError(path: path, message: "cannot open for writing: \(error.reason)")
    }
    self.path = path
    self.now = now
  }

  /// Appends a line.
  public func write(_ record: MetricRecord) throws(TelemetryError) {
    do throws(FileError) { try file.write(Array(Self.line(for: record, time: now()).utf8)) } catch {
      throw TelemetryError(path: path, message: "cannot write: \(error.reason)")
    }
  }

  /// Writes through to the disk and closes the file.
  public func close() throws(TelemetryError) {
    do throws(FileError) {
      try file.flush()
      try file.close()
    } catch {
      throw TelemetryError(path: path, message: "cannot close: \(error.reason)")
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

// MARK: What a resumed run does with the lines of the run that was interrupted

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
    let file = BytePath(path)
    guard FileTree.leadsSomewhere(file) else { return 0 }
    do throws(FileError) {
      let text = try FileReader.read(file, limit: .max)
      var kept: [UInt8] = []
      var numDropped = 0
      var isPast = false
      for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
        let isWhole = line.endIndex < text.endIndex
        let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
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
      if numDropped > 0 { try FileWriter.writeAtomically(kept, to: file) }
      return numDropped
    } catch {
      throw TelemetryError(path: path, message: "cannot be cut back to step \(step): \(error.reason)")
    }
  }
}
