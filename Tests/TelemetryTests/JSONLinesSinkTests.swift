import Foundation
import Telemetry
import Testing

@Suite struct JSONLinesSinkTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/metrics.jsonl"
  }

  private func sink() throws -> JSONLinesSink { try JSONLinesSink(path: path, now: { 1_700_000_000.12345 }) }

  @Test func linesAreWholeAndInOrder() throws {
    let sink = try sink()
    try sink.write(
      MetricRecord(.runStart, ["epochs": 2, "model": "vit \"tiny\"\n", "resumed": false, "sizes": [1, 2.5]]))
    try sink.write(
      MetricRecord(.step, ["step": 1, "epoch": 1, "loss": .float(0.1), "lr": 1e-5, "images_per_second": 812.5]))
    // Written before the sink is closed.
    #expect(
      try folder.text("metrics.jsonl") == #"""
        {"event":"run_start","time":1700000000.123,"epochs":2,"model":"vit \"tiny\"\n","resumed":false,"sizes":[1,2.5]}
        {"event":"step","time":1700000000.123,"step":1,"epoch":1,"loss":0.1,"lr":1e-05,"images_per_second":812.5}

        """#)
    try sink.close()
  }

  @Test func numbersReadBackTheSame() throws {
    let numbers = [0.1, 1.0 / 3, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 123_456_789.123_456_789, 1e22]
    let singles: [Float] = [0.1, 1.0 / 3, 2.302_585_1, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    let sink = try sink()
    for number in numbers { try sink.write(MetricRecord(.step, ["loss": .double(number)])) }
    for number in singles { try sink.write(MetricRecord(.step, ["loss": .float(number)])) }
    try sink.close()
    let values = try folder.text("metrics.jsonl").split(separator: "\n").map { line -> Double in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["loss"] as? Double)
    }
    #expect(values.prefix(numbers.count).map(\.bitPattern) == numbers.map(\.bitPattern))
    #expect(values.dropFirst(numbers.count).map(Float.init) == singles)
  }

  @Test func numbersThatAreNotFinite() throws {
    let sink = try sink()
    try sink.write(MetricRecord(.step, ["loss": .float(.nan), "lr": .double(.infinity), "x": .double(-.infinity)]))
    #expect(
      try folder.text("metrics.jsonl").hasSuffix(
        #""loss":null,"loss_nonfinite":"nan","lr":null,"lr_nonfinite":"inf","x":null,"x_nonfinite":"-inf"}"# + "\n"))
  }

  @Test func aSecondSinkAppends() throws {
    for step in 1...2 { try sink().write(MetricRecord(.step, ["step": .int(step)])) }
    #expect(try folder.text("metrics.jsonl").split(separator: "\n").count == 2)
  }

  @Test func truncationCutsAtTheStep() throws {
    let sink = try sink()
    try sink.write(MetricRecord(.runStart, ["step": 0]))
    for step in 1...6 {
      try sink.write(MetricRecord(.step, ["step": .int(step)]))
      if step % 3 == 0 { try sink.write(MetricRecord(.epoch, ["step": .int(step), "epoch": .int(step / 3)])) }
    }
    try sink.write(MetricRecord(.warning, ["message": "late"]))
    try sink.close()
    #expect(try JSONLinesSink.truncate(path: path, afterStep: 6) == 0)
    #expect(try JSONLinesSink.truncate(path: path, afterStep: 4) == 4)
    let lines = try folder.text("metrics.jsonl").split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines.last?.contains(#""step":4"#) == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["metrics.jsonl"])
    // A sink goes on in the cut file.
    try self.sink().write(MetricRecord(.step, ["step": 5]))
    #expect(try folder.text("metrics.jsonl").split(separator: "\n").count == 7)
  }

  @Test func truncationDropsWhatIsNoLine() throws {
    try folder.write("{\"step\":1}\ngarbage\n\u{0}\u{0}\n[1]\n{\"step\":2}\n{\"step\":3,\"lo", to: "metrics.jsonl")
    #expect(try JSONLinesSink.truncate(path: path, afterStep: 10) == 4)
    #expect(try folder.text("metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\n")
    // A last line that is complete but for its newline may be the front of a longer one.
    try folder.write("{\"step\":1}", to: "metrics.jsonl")
    #expect(try JSONLinesSink.truncate(path: path, afterStep: 10) == 1)
    #expect(try JSONLinesSink.truncate(path: path + ".none", afterStep: 10) == 0)
  }

  @Test func filesThatCannotBeWritten() throws {
    #expect(throws: TelemetryError.self) { try JSONLinesSink(path: folder.path) }
    #expect(throws: TelemetryError.self) { try JSONLinesSink(path: folder.path + "/no/metrics.jsonl") }
    #expect(throws: TelemetryError.self) { try JSONLinesSink.truncate(path: folder.path, afterStep: 1) }
    let full = try JSONLinesSink(path: "/dev/full")
    let error = #expect(throws: TelemetryError.self) { try full.write(MetricRecord(.step)) }
    #expect(error?.message == "cannot write: No space left on device")
  }
}
