// What a resumed run does with the lines of the run that was interrupted.

import Foundation
import Settings

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
