import Foundation
import TFRecord
import Telemetry
import Testing

@Suite struct EventFileSinkTests {
  private static let fixture = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/event_file.tfevents")

  private func write(_ folder: TemporaryFolder, loss: Float = 2.3025851) throws -> [UInt8] {
    let sink = try EventFileSink(
      directory: folder.path, resumedAfterStep: 99, host: "a/host", now: { 1_700_000_000.25 })
    try sink.write(MetricRecord(.runStart, ["epochs": 2]))
    try sink.write(
      MetricRecord(
        .step, ["step": 100, "epoch": 10, "loss": .float(loss), "lr": 1e-3, "images_per_second": 812.5, "note": "x"]))
    try sink.write(
      MetricRecord(.epoch, ["step": 110, "epoch": 11, "train_loss": 1.5, "val_top1": 98.6, "peak_memory_mb": 512]))
    try sink.write(MetricRecord(.warning, ["message": "hot"]))
    try sink.write(MetricRecord(.step, ["step": 111, "epoch": 11, "loss": .float(.infinity), "lr": 0.0]))
    try sink.close()
    #expect(sink.path.hasPrefix(folder.path + "/events.out.tfevents.1700000000.a_host."))
    return Array(try Data(contentsOf: URL(fileURLWithPath: sink.path)))
  }

  /// The fixture is written by TensorBoard's own code: scripts/reference/event_file.py.
  @Test func theBytesAreTensorBoards() throws {
    let expected = Array(try Data(contentsOf: Self.fixture))
    #expect(try write(try TemporaryFolder()) == expected)
    #expect(try write(try TemporaryFolder(), loss: 2.3025854) != expected)
  }

  @Test func theFrameReaderReadsIt() throws {
    let reader = try RecordReader(path: Self.fixture.path)
    var numEvents = 0
    while try reader.next() != nil { numEvents += 1 }
    #expect(numEvents == 5)
  }

  @Test func twoSinksOfOneSecondDoNotMeet() throws {
    let folder = try TemporaryFolder()
    let nested = folder.path + "/a/b"
    let sinks = try (0..<3).map { _ in try EventFileSink(directory: nested, now: { 1_700_000_000 }) }
    #expect(Set(sinks.map(\.path)).count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: nested).count == 3)
  }

  @Test func aFolderThatCannotBeMade() {
    #expect(throws: TelemetryError.self) { try EventFileSink(directory: "/dev/null/events") }
  }
}
