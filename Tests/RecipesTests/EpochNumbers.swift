import Foundation

/// What does not fit together in the records of one start of a run: speeds, times, shares and memory.
enum EpochNumbers {
  /// What is wrong, in words; nothing of it depends on how fast the machine is.
  static func faults(_ records: [[String: Any]]) -> [String] {
    var faults: [String] = []
    func number(_ record: [String: Any], _ key: String) -> Double {
      guard let value = record[key] as? Double, value.isFinite else {
        faults.append("\(record["event"] ?? "") has no \(key)")
        return .nan
      }
      return value
    }
    func expect(_ isTrue: Bool, _ what: String) { if !isTrue { faults.append(what) } }
    func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }

    let start = records.first { $0["event"] as? String == "run_start" } ?? [:]
    let gflops = number(start, "gflops_per_image")
    let peak = number(start, "peak_tflops")
    var steps = records.filter { $0["event"] as? String == "step" }
    for step in steps {
      let seconds = number(step, "step_seconds")
      expect((0...seconds).contains(number(step, "data_wait_seconds")), "a step waited longer than it took")
      let rate = Double(step["samples"] as? Int ?? 0) / seconds
      expect(close(number(step, "images_per_second"), rate), "images by seconds of a step")
    }
    // The first two of a process are left out where an epoch has others.
    steps.removeFirst(min(2, steps.count))
    for epoch in records where epoch["event"] as? String == "epoch" {
      let counted = steps.filter { $0["epoch"] as? Int == epoch["epoch"] as? Int }
      let times = counted.map { number($0, "step_seconds") }
      let total = times.reduce(0, +)
      let images = Double(counted.reduce(0) { $0 + ($1["samples"] as? Int ?? 0) })
      expect(close(number(epoch, "images_per_second"), images / total), "images by seconds of an epoch")
      for (prefix, factor) in [("", 3.0), ("val_", 1.0)] where prefix.isEmpty || epoch["val_loss"] != nil {
        let speed = number(epoch, "\(prefix)tflops")
        let rate = number(epoch, "\(prefix)images_per_second")
        expect(close(speed, rate * factor * gflops / 1000), "\(prefix)tflops by images")
        expect(close(number(epoch, "\(prefix)mfu"), speed / peak), "\(prefix)mfu by peak")
      }
      expect(close(number(epoch, "step_seconds_mean"), total / Double(times.count)), "the mean step")
      let sorted = times.sorted()
      let (median, slow) = (number(epoch, "step_seconds_median"), number(epoch, "step_seconds_p95"))
      expect(times.filter { $0 <= median }.count * 2 >= times.count, "the median is too low")
      expect(times.filter { $0 >= median }.count * 2 >= times.count, "the median is too high")
      expect(sorted.contains(slow), "the 95th percentile is no step's")
      expect(Double(times.filter { $0 <= slow }.count) >= 0.95 * Double(times.count), "the 95th percentile is too low")
      expect(close(number(epoch, "step_seconds_last"), times.last ?? .nan), "the last step")
      let waiting = counted.map { number($0, "data_wait_seconds") }.reduce(0, +)
      let share = number(epoch, "data_wait")
      expect(close(share, waiting / total) && (0...1).contains(share), "the share of waiting")
      let evaluation = epoch["val_loss"] == nil ? 0 : number(epoch, "val_seconds")
      expect(number(epoch, "epoch_seconds") >= total + evaluation, "an epoch is shorter than its parts")
      expect(close(number(epoch, "lr"), number(counted.last ?? [:], "lr")), "the learning rate of the last step")
      let memory = number(epoch, "memory_mb")
      expect(memory > 0 && memory <= number(epoch, "peak_memory_mb"), "more memory than at the peak")
      expect(number(epoch, "reserved_memory_mb") >= memory, "more memory than is reserved")
      let process = number(epoch, "process_memory_mb")
      expect(process > 1 && process <= number(epoch, "process_peak_memory_mb"), "the process' memory")
    }
    return faults
  }
}
