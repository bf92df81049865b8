// The run in one table, at its end.

import Foundation
import Settings

/// The epochs of a run as a table, with its best epoch and its time.
public struct RunSummaryTable: Sendable {
  /// A column: the field of an epoch record, the heading, the decimals.
  private static let columns: [(key: String, heading: String, decimals: Int)] = [
    ("train_loss", "train loss", 4), ("val_loss", "val loss", 4), ("val_top1", "val top-1 %", 2),
    ("val_top5", "val top-5 %", 2), ("epoch_seconds", "seconds", 1), ("images_per_second", "img/s", 0),
  ]

  /// The numbers of each epoch.
  private var epochs: [Int: [String: Double]] = [:]

  /// Creates a table without epochs.
  public init() {}

  /// Reads the epochs of a `metrics.jsonl`, those from before a resume included; lines that cannot be read are left out.
  ///
  /// - Throws: `TelemetryError` if the file cannot be read.
  public init(metricsFile path: String) throws(TelemetryError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw TelemetryError(path: path, message: "cannot be read: \(plainReason(of: error))")
    }
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
        object["event"] as? String == MetricRecord.Event.epoch.rawValue, let epoch = object["epoch"] as? Int
      else { continue }
      epochs[epoch] = object.compactMapValues { $0 as? Double }
    }
  }

  /// Takes the numbers of an epoch record; others are ignored. A later record of an epoch replaces an earlier one.
  public mutating func add(_ record: MetricRecord) {
    guard record.event == .epoch, let epoch = record.int("epoch") else { return }
    epochs[epoch] = Dictionary(
      record.fields.compactMap { field in field.value.number.map { (field.key, $0) } }, uniquingKeysWith: { $1 })
  }

  /// The best epoch: the one with the highest top-1 accuracy, of equals the one with the lowest loss, of those the first;
  /// without accuracies the one with the lowest loss; nil without epochs.
  public var bestEpoch: Int? {
    for (key, sign) in [("val_top1", -1.0), ("val_loss", 1.0), ("train_loss", 1.0)] {
      let candidates = epochs.compactMap { epoch, numbers in
        numbers[key].flatMap { $0.isFinite ? (sign * $0, numbers["val_loss"] ?? .infinity, epoch) : nil }
      }
      if let best = candidates.min(by: <) { return best.2 }
    }
    return nil
  }

  /// The table; of a long run some of the epochs, evenly spaced, with the first, the best and the last.
  ///
  /// - Parameter maximumRows: How many epochs are shown, at least 3.
  public func text(maximumRows: Int = 12) -> String {
    let numbers = epochs.keys.sorted()
    let best = bestEpoch
    let columns = Self.columns.filter { column in epochs.values.contains { $0[column.key] != nil } }
    var table = TextTable(
      ["epoch"] + columns.map(\.heading) + [""],
      alignment: Array(repeating: .right, count: columns.count + 1) + [.left])
    for epoch in shown(numbers, best: best, maximumRows: maximumRows) {
      let cells = columns.map { column in
        epochs[epoch]?[column.key].map { formatted($0, decimals: column.decimals) } ?? "-"
      }
      table.append(["\(epoch)"] + cells + [epoch == best ? "best" : ""])
    }
    return table.text + closing(best: best)
  }

  private func shown(_ numbers: [Int], best: Int?, maximumRows: Int) -> [Int] {
    let limit = max(3, maximumRows)
    guard numbers.count > limit else { return numbers }
    // One row is kept for the best.
    let evenly = (0..<limit - 1).map { numbers[$0 * (numbers.count - 1) / (limit - 2)] }
    return Set(evenly + (best.map { [$0] } ?? [])).sorted()
  }

  private func closing(best: Int?) -> String {
    var lines: [String] = []
    if let best, let numbers = epochs[best] {
      let metric =
        numbers["val_top1"].map { "val top-1 \(formatted($0, decimals: 2))%" }
        ?? numbers["val_loss"].map { "val loss \(formatted($0, decimals: 4))" }
        ?? numbers["train_loss"].map { "train loss \(formatted($0, decimals: 4))" }
      lines.append("best: \(metric ?? "") at epoch \(best)")
    }
    let seconds = epochs.values.compactMap { $0["epoch_seconds"] }.reduce(0, +)
    if seconds > 0 {
      let mean = formatted(seconds / Double(epochs.count), decimals: 1)
      lines.append("time: \(durationText(seconds)), \(mean) s per epoch")
    }
    if let speed { lines.append(speed) }
    if let peak = epochs.values.compactMap({ $0["peak_memory_mb"] }).max() {
      lines.append("peak memory: \(formatted(peak, decimals: 0)) MB")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The means over epochs of training's speed; of utilisation too, where the device's peak is known.
  private var speed: String? {
    func mean(_ key: String) -> Double? {
      let values = epochs.values.compactMap { $0[key] }.filter(\.isFinite)
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    guard let images = mean("images_per_second") else { return nil }
    var text = "speed: \(formatted(images, decimals: 0)) img/s"
    if let speed = mean("tflops") { text += ", \(significant(speed)) TFLOP/s" }
    if let share = mean("mfu") { text += ", MFU \(formatted(100 * share, decimals: 1))%" }
    return text
  }
}
