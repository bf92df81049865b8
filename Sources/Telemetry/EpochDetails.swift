// Speed, step times and memory of an epoch, for people.

/// What an epoch's record says besides losses and accuracies.
enum EpochDetails {
  /// A line about speed, one about steps and one about memory, as far as the record has the numbers.
  static func lines(of record: MetricRecord) -> [String] {
    [speed(record), steps(record), memory(record)].filter { !$0.isEmpty }.map { $0.joined(separator: "  ") }
  }

  private static func speed(_ record: MetricRecord) -> [String] {
    var parts = rate(record, prefix: "").map { ["train \($0)"] } ?? []
    if let validation = rate(record, prefix: "val_") { parts.append("val \(validation)") }
    return parts
  }

  private static func steps(_ record: MetricRecord) -> [String] {
    let times = ["mean", "median", "p95", "last"].compactMap { name in
      record.number("step_seconds_\(name)").map { "\(name) \(significant($0))" }
    }
    var parts = times.isEmpty ? [] : ["step \(times.joined(separator: ", ")) s"]
    if let share = record.number("data_wait") { parts.append("data wait \(formatted(100 * share, decimals: 1))%") }
    return parts
  }

  private static func rate(_ record: MetricRecord, prefix: String) -> String? {
    guard let images = record.number("\(prefix)images_per_second") else { return nil }
    var text = "\(formatted(images, decimals: 0)) img/s"
    if let speed = record.number("\(prefix)tflops") { text += ", \(significant(speed)) TFLOP/s" }
    if let share = record.number("\(prefix)mfu") { text += ", MFU \(formatted(100 * share, decimals: 1))%" }
    return text
  }

  private static func memory(_ record: MetricRecord) -> [String] {
    func list(_ names: [(key: String, word: String)]) -> String {
      names.compactMap { name in
        record.number(name.key).map { "\(formatted($0, decimals: 0)) MB\(name.word)" }
      }.joined(separator: ", ")
    }
    let tensors = list([("memory_mb", ""), ("peak_memory_mb", " peak"), ("reserved_memory_mb", " reserved")])
    let process = list([("process_memory_mb", ""), ("process_peak_memory_mb", " peak")])
    return (tensors.isEmpty ? [] : ["tensors \(tensors)"]) + (process.isEmpty ? [] : ["process \(process)"])
  }
}
