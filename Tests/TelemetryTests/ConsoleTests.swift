import Foundation
import Synchronization
import Telemetry
import Testing

/// A console that remembers what was written, and a clock that is set by hand.
final class TestConsole: Sendable {
  private let text = Mutex("")
  private let time = Mutex(0.0)

  var written: String { text.withLock { $0 } }
  var now: Double {
    get { time.withLock { $0 } }
    set { time.withLock { $0 = newValue } }
  }

  func output(isTerminal: Bool, usesColor: Bool = false, width: Int = 80) -> ConsoleOutput {
    ConsoleOutput(
      isTerminal: isTerminal, usesColor: usesColor, width: { width },
      put: { [self] text in self.text.withLock { $0 += text } })
  }

  /// The drawings of the progress line, and lines.
  var drawings: [String] {
    written.split(whereSeparator: { $0 == "\r" || $0 == "\n" }).map {
      $0.replacingOccurrences(of: "\u{1B}[K", with: "")
    }
  }
}

@Suite struct ConsoleTests {
  private func step(_ number: Int, epoch: Int, loss: Double = 1.25) -> MetricRecord {
    MetricRecord(
      .step,
      [
        "step": .int(number), "epoch": .int(epoch), "loss": .double(loss), "lr": 1e-3, "images_per_second": 800.4,
      ])
  }

  private let start = MetricRecord(.runStart, ["total_steps": 40, "steps_per_epoch": 20, "epochs": 2, "step": 0])
  private let epoch = MetricRecord(
    .epoch,
    [
      "step": 20, "epoch": 1, "train_loss": 1.5, "val_loss": 1.25, "val_top1": 50.0, "val_top5": 90.5,
      "epoch_seconds": 12.34,
    ])

  @Test func aBarOnATerminal() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: true, width: 100), clock: { console.now })
    try sink.write(start)
    console.now = 10
    try sink.write(step(10, epoch: 1))
    #expect(
      console.drawings == [
        "epoch 1/2 [==============>               ]  10/20  loss 1.2500  lr 1.00e-03  800 img/s  0:30 left"
      ])
    #expect(!console.written.contains("\n"))
    try sink.write(epoch)
    #expect(
      console.written.hasSuffix(
        "\r\u{1B}[Kepoch 1/2  train_loss 1.5000  val_loss 1.2500  val_top1 50.00%  val_top5 90.50%  12.3 s  best\n"))
  }

  @Test func theBarFitsTheUsualWidth() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: true, width: 80), clock: { console.now })
    try sink.write(MetricRecord(.runStart, ["total_steps": 6720, "steps_per_epoch": 112, "epochs": 60, "step": 0]))
    console.now = 60
    try sink.write(step(1036, epoch: 10))
    #expect(
      console.drawings == ["epoch 10/60 [=>        ]  28/112 loss 1.2500 lr 1.00e-03 800 img/s 5:29 left"])
  }

  @Test func tenDrawingsASecondAtMost() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: true), clock: { console.now })
    try sink.write(start)
    for number in 1...40 {
      console.now = Double(number) * 0.025
      try sink.write(step(number, epoch: 1 + (number - 1) / 20))
    }
    #expect((8...11).contains(console.drawings.count))
  }

  @Test(arguments: [5, 20, 30, 40, 60, 79, 80, 200])
  func linesFitTheWidth(width: Int) throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: true, width: width), clock: { console.now })
    try sink.write(start)
    for number in 1...40 {
      console.now = Double(number)
      try sink.write(step(number, epoch: 1, loss: 12_345.678))
    }
    #expect(console.drawings.count == 40)
    #expect(console.drawings.allSatisfy { $0.count < max(20, width) })
  }

  @Test func plainLinesElsewhere() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: false), stepsPerLine: 10, clock: { console.now })
    try sink.write(start)
    for number in 1...20 {
      console.now = Double(number)
      try sink.write(step(number, epoch: 1))
    }
    try sink.write(epoch)
    try sink.write(MetricRecord(.runEnd, ["status": "completed", "step": 20, "seconds": 75.2]))
    try sink.close()
    #expect(
      console.written == """
        epoch 1/2  10/20  loss 1.2500  lr 1.00e-03  800 img/s  0:30 left
        epoch 1/2  20/20  loss 1.2500  lr 1.00e-03  800 img/s  0:20 left
        epoch 1/2  train_loss 1.5000  val_loss 1.2500  val_top1 50.00%  val_top5 90.50%  12.3 s  best
        completed at step 20 after 1:15

        """)
  }

  @Test func waitingForDataShows() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: false), stepsPerLine: 1, clock: { console.now })
    for (number, waiting) in [(1, 0.5), (2, 0.5), (3, 0.0)] {
      var record = step(number, epoch: 1)
      record.fields += [.init("step_seconds", 1.0), .init("data_wait_seconds", .double(waiting))]
      try sink.write(record)
    }
    let waits = console.drawings.map { $0.components(separatedBy: "img/s")[1] }
    #expect(waits == ["  wait 50%", "  wait 50%", "  wait 32%"])
  }

  @Test func verboseTellsOfSpeedAndMemory() throws {
    var record = epoch
    record.fields += [
      .init("images_per_second", 812.5), .init("tflops", 0.01234), .init("mfu", 0.4125),
      .init("val_images_per_second", 2000.0), .init("step_seconds_mean", 0.0394), .init("step_seconds_median", 0.0391),
      .init("step_seconds_p95", 0.05), .init("step_seconds_last", 0.04), .init("data_wait", 0.034),
      .init("memory_mb", 66.4), .init("peak_memory_mb", 512.0), .init("reserved_memory_mb", 600.0),
      .init("process_memory_mb", 1100.0), .init("process_peak_memory_mb", 1200.0),
    ]
    let head =
      "epoch 1  train_loss 1.5000  val_loss 1.2500  val_top1 50.00%  val_top5 90.50%  12.3 s  812 img/s  best\n"
    for isVerbose in [false, true] {
      let console = TestConsole()
      let sink = ConsoleSink(output: console.output(isTerminal: false), isVerbose: isVerbose)
      try sink.write(record)
      let details = """
          train 812 img/s, 0.0123 TFLOP/s, MFU 41.2%  val 2000 img/s
          step mean 0.0394, median 0.0391, p95 0.0500, last 0.0400 s  data wait 3.4%
          tensors 66 MB, 512 MB peak, 600 MB reserved  process 1100 MB, 1200 MB peak

        """
      #expect(console.written == head + (isVerbose ? details : ""))
    }
  }

  @Test func anEarlyEndHasItsReason() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: false))
    try sink.write(
      MetricRecord(.runEnd, ["status": "completed", "step": 20, "seconds": 75.2, "reason": "early stopping: \u{7}"]))
    #expect(console.written == "completed at step 20 after 1:15: early stopping: \\u{07}\n")
  }

  @Test func quietLeavesWarnings() throws {
    let console = TestConsole()
    let sink = ConsoleSink(output: console.output(isTerminal: false), isQuiet: true, stepsPerLine: 1)
    for record in [start, step(1, epoch: 1), epoch, MetricRecord(.runEnd)] { try sink.write(record) }
    #expect(console.written.isEmpty)
    try sink.write(MetricRecord(.warning, ["message": "a bad\u{1B}[2J file"]))
    #expect(console.written == "warning: a bad\\u{1B}[2J file\n")
  }

  @Test func coloursOnlyWhereWelcome() {
    let plain = TestConsole()
    plain.output(isTerminal: true).warning("x")
    #expect(plain.written == "warning: x\n")
    let colored = TestConsole()
    colored.output(isTerminal: true, usesColor: true).warning("x")
    #expect(colored.written.contains("\u{1B}[33m"))
  }

  @Test func progressBarOnATerminal() {
    let console = TestConsole()
    let bar = ProgressBar(
      "splitting", total: 200, unit: .items("files"), output: console.output(isTerminal: true), clock: { console.now })
    console.now = 2
    bar.update(to: 50)
    bar.advance(by: 50)
    console.now = 4
    bar.advance(by: 100)
    bar.finish()
    bar.finish()
    #expect(
      console.drawings == [
        "splitting [====>               ]   25%  50/200 files  25 files/s  0:06 left",
        "splitting [====================]  100%  200/200 files  50 files/s  0:00 left",
        "splitting: 200 files in 0:04 (50 files/s)",
      ])
  }

  /// What a bar over 8 MB writes to a file where `updates` come, at their seconds.
  private func written(done: Int = 0, _ updates: [(second: Double, bytes: Int)]) -> String {
    let console = TestConsole()
    let bar = ProgressBar(
      "get", total: 8_000_000, done: done, unit: .bytes, output: console.output(isTerminal: false),
      clock: { console.now })
    for update in updates {
      console.now = update.second
      bar.update(to: update.bytes)
    }
    bar.finish()
    return console.written
  }

  @Test func progressBarElsewhere() {
    #expect(
      written((1...20).map { (Double($0), $0 * 400_000) }) == """
        get   50%  4.0/8.0 MB  400.0 kB/s  0:10 left
        get  100%  8.0/8.0 MB  400.0 kB/s  0:00 left
        get: 8.0 MB in 0:20 (400.0 kB/s)

        """)
  }

  @Test func whatWasDoneBeforeIsNoRate() {
    #expect(
      written(done: 4_000_000, [(10, 6_000_000), (20, 8_000_000)]) == """
        get   75%  6.0/8.0 MB  200.0 kB/s  0:10 left
        get  100%  8.0/8.0 MB  200.0 kB/s  0:00 left
        get: 8.0 MB in 0:20 (200.0 kB/s)

        """)
  }

  @Test func progressFromManyThreads() {
    let console = TestConsole()
    let bar = ProgressBar("work", total: nil, unit: .items("items"), output: console.output(isTerminal: false))
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<1000 { bar.advance() }
    }
    bar.finish()
    #expect(console.written.hasPrefix("work: 8000 items in "))
  }
}
