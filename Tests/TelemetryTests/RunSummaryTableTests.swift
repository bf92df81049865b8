import Foundation
import Telemetry
import Testing

@Suite struct RunSummaryTableTests {
  private func epoch(_ number: Int, top1: Double) -> MetricRecord {
    MetricRecord(
      .epoch,
      [
        "step": .int(number * 10), "epoch": .int(number), "train_loss": .float(1.5), "val_loss": 1.25,
        "val_top1": .double(top1), "epoch_seconds": 2.0, "peak_memory_mb": .int(500 + number),
      ])
  }

  @Test func smallRun() {
    var table = RunSummaryTable()
    #expect(table.text() == "epoch\n")
    table.add(MetricRecord(.step, ["step": 1, "epoch": 1]))
    for (number, top1) in [(1, 50.0), (2, 97.5), (3, 97.5)] { table.add(epoch(number, top1: top1)) }
    #expect(table.bestEpoch == 2)
    #expect(
      table.text() == """
        epoch  train loss  val loss  val top-1 %  seconds
            1      1.5000    1.2500        50.00      2.0
            2      1.5000    1.2500        97.50      2.0  best
            3      1.5000    1.2500        97.50      2.0
        best: val top-1 97.50% at epoch 2
        time: 0:06, 2.0 s per epoch
        peak memory: 503 MB

        """)
  }

  @Test func theSpeedOfTraining() {
    var table = RunSummaryTable()
    for (number, speed) in [(1, 100.0), (2, 300.0)] {
      table.add(
        MetricRecord(
          .epoch,
          [
            "epoch": .int(number), "train_loss": 1.0, "images_per_second": .double(speed),
            "tflops": .double(speed / 1000), "mfu": .double(speed / 1000),
          ]))
    }
    #expect(
      table.text() == """
        epoch  train loss  img/s
            1      1.0000    100  best
            2      1.0000    300
        best: train loss 1.0000 at epoch 1
        speed: 200 img/s, 0.200 TFLOP/s, MFU 20.0%

        """)
  }

  @Test func ofEqualAccuraciesTheLowerLossIsBest() {
    var table = RunSummaryTable()
    for (number, loss) in [(1, 1.0), (2, 0.5), (3, 0.75), (4, 0.5)] {
      table.add(MetricRecord(.epoch, ["epoch": .int(number), "val_loss": .double(loss), "val_top1": 90]))
    }
    #expect(table.bestEpoch == 2)
  }

  @Test func aLongRunShowsFirstBestAndLast() {
    var table = RunSummaryTable()
    for number in 1...300 { table.add(epoch(number, top1: number == 123 ? 90 : 10)) }
    let rows = table.text(maximumRows: 12).split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("best") }
    let epochs = rows.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
    #expect(epochs.first == 1 && epochs.last == 300 && epochs.contains(123))
    #expect(epochs.count == 12)
  }

  @Test func theBestWithoutAValidationSet() {
    var table = RunSummaryTable()
    for (number, loss) in [(1, 3.0), (2, 1.0), (3, Double.nan)] {
      table.add(MetricRecord(.epoch, ["epoch": .int(number), "train_loss": .double(loss)]))
    }
    #expect(table.bestEpoch == 2)
    #expect(table.text().contains("best: train loss 1.0000 at epoch 2"))
  }

  @Test func fromAMetricsFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/metrics.jsonl"
    let sink = try JSONLinesSink(path: path)
    var table = RunSummaryTable()
    for number in 1...4 {
      let record = epoch(number, top1: Double(number))
      try sink.write(MetricRecord(.step, ["step": .int(number), "loss": .float(.nan)]))
      try sink.write(record)
      table.add(record)
    }
    try sink.close()
    #expect(try RunSummaryTable(metricsFile: path).text() == table.text())
    try folder.write("garbage\n{\"event\":\"epoch\"}\n{\"event\":\"epoch\",\"epoch\":1,\"val_loss\":2}\n{", to: "other")
    #expect(try RunSummaryTable(metricsFile: folder.path + "/other").bestEpoch == 1)
    #expect(throws: TelemetryError.self) { try RunSummaryTable(metricsFile: path + ".none") }
  }
}
