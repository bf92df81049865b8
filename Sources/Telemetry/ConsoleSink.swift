// A run on the console: a bar for the epoch under way, a line for each epoch that is done.

/// Shows the records of a run.
///
/// On a terminal the epoch under way is one line with bar, loss, learning rate, images per second, the share of time that
/// is spent on waiting for data where that is more than a twentieth, and the time left of the whole run, drawn again at
/// most ten times a second. Elsewhere there is a plain line every so many steps. Each epoch
/// leaves a line, and where it is verbose some more about speed, step times and memory.
public final class ConsoleSink: MetricSink {
  private let output: ConsoleOutput
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let stepsPerLine: Int
  private let clock: () -> Double

  private var totalSteps: Int?
  private var stepsPerEpoch: Int?
  private var numEpochs: Int?
  private var firstStep = 0
  private var startTime: Double
  private var lastShown = -Double.infinity
  private var imagesPerSecond: Double?
  private var stepSeconds = 0.0
  private var waitingSeconds = 0.0
  private var best: (top1: Double, loss: Double)?

  /// Creates a sink.
  ///
  /// - Parameters:
  ///   - output: Where it writes.
  ///   - isQuiet: Shows warnings only.
  ///   - isVerbose: Shows speed, step times and memory of each epoch.
  ///   - stepsPerLine: How many steps a plain line stands for, where lines cannot be drawn again.
  ///   - clock: Seconds of a clock that never goes back.
  public init(
    output: ConsoleOutput = .standardError, isQuiet: Bool = false, isVerbose: Bool = false, stepsPerLine: Int = 50,
    clock: @escaping () -> Double = { monotonicSeconds() }
  ) {
    precondition(stepsPerLine > 0, "A line needs at least one step, not \(stepsPerLine)")
    self.output = output
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    self.stepsPerLine = stepsPerLine
    self.clock = clock
    startTime = clock()
  }

  /// Shows a record.
  public func write(_ record: MetricRecord) throws(TelemetryError) {
    if record.event == .warning { output.warning(record.string("message") ?? "") }
    if isQuiet { return }
    switch record.event {
    case .runStart: begin(record)
    case .step: show(step: record)
    case .epoch:
      output.line(epochLine(record))
      if isVerbose { for line in EpochDetails.lines(of: record) { output.line("  \(line)") } }
    case .runEnd: output.line(endLine(record))
    case .warning: break
    }
  }

  /// Takes the progress line away.
  public func close() throws(TelemetryError) { output.clear() }

  private func begin(_ record: MetricRecord) {
    totalSteps = record.int("total_steps")
    stepsPerEpoch = record.int("steps_per_epoch")
    numEpochs = record.int("epochs")
    firstStep = record.int("step") ?? 0
    best = record.number("best_top1").map { ($0, record.number("best_loss") ?? .infinity) }
    if let model = record.string("model"), let device = record.string("device") {
      // What the bits of the weights depend on besides seeds and data.
      let details = [
        record.int("threads").map { "\($0) threads" }, record.string("matmul_backend").map { "matmul backend \($0)" },
        record.string("torch_version").map { "libtorch \($0)" },
      ]
      output.line((["\(model) on \(device)"] + details.compactMap(\.self)).joined(separator: ", "))
    }
    startTime = clock()
  }

  private func show(step record: MetricRecord) {
    guard let step = record.int("step") else { return }
    if let rate = record.number("images_per_second"), rate.isFinite {
      imagesPerSecond = imagesPerSecond.map { 0.9 * $0 + 0.1 * rate } ?? rate
    }
    if let seconds = record.number("step_seconds"), let waiting = record.number("data_wait_seconds") {
      stepSeconds = 0.9 * stepSeconds + seconds
      waitingSeconds = 0.9 * waitingSeconds + waiting
    }
    let now = clock()
    if output.isTerminal {
      guard now - lastShown >= 0.1 else { return }
    } else {
      guard step % stepsPerLine == 0 else { return }
    }
    lastShown = now
    var line = ProgressLine(title: title(record), showsPercent: false, notes: [])
    if let stepsPerEpoch, stepsPerEpoch > 0 {
      let stepOfEpoch = (step - 1) % stepsPerEpoch + 1
      line.fraction = Double(stepOfEpoch) / Double(stepsPerEpoch)
      line.notes.append(leftPadded("\(stepOfEpoch)", to: "\(stepsPerEpoch)".count) + "/\(stepsPerEpoch)")
    } else {
      line.notes.append("step \(step)")
    }
    if let loss = record.number("loss") { line.notes.append("loss \(formatted(loss, decimals: 4))") }
    if let rate = record.number("lr") { line.notes.append("lr \(scientific(rate))") }
    if let imagesPerSecond { line.notes.append("\(formatted(imagesPerSecond, decimals: 0)) img/s") }
    let waiting = stepSeconds > 0 ? waitingSeconds / stepSeconds : 0
    if waiting > 0.05 { line.notes.append("wait \(formatted(100 * waiting, decimals: 0))%") }
    if let totalSteps, step > firstStep, now > startTime {
      let left = (now - startTime) / Double(step - firstStep) * Double(max(0, totalSteps - step))
      line.notes.append("\(durationText(left)) left")
    }
    if output.isTerminal {
      output.draw(line.text(width: output.width))
    } else {
      output.line("\(line.title)  " + line.notes.joined(separator: "  "))
    }
  }

  private func title(_ record: MetricRecord) -> String {
    let epoch = "\(record.int("epoch") ?? 0)"
    guard let numEpochs else { return "epoch \(epoch)" }
    return "epoch \(leftPadded(epoch, to: "\(numEpochs)".count))/\(numEpochs)"
  }

  private func epochLine(_ record: MetricRecord) -> String {
    var parts = [title(record)] + notes(of: record)
    if let rate = record.number("images_per_second") { parts.append("\(formatted(rate, decimals: 0)) img/s") }
    if let top1 = record.number("val_top1") {
      let loss = record.number("val_loss") ?? .infinity
      if best.map({ (top1, -loss) > ($0.top1, -$0.loss) }) ?? true {
        best = (top1, loss)
        parts.append("best")
      }
    }
    return parts.joined(separator: "  ")
  }

  private func notes(of record: MetricRecord) -> [String] {
    var notes: [String] = []
    for key in ["train_loss", "val_loss"] {
      if let value = record.number(key) { notes.append("\(key) \(formatted(value, decimals: 4))") }
    }
    for key in ["val_top1", "val_top5"] {
      if let value = record.number(key) { notes.append("\(key) \(formatted(value, decimals: 2))%") }
    }
    if let seconds = record.number("epoch_seconds") { notes.append("\(formatted(seconds, decimals: 1)) s") }
    return notes
  }

  private func endLine(_ record: MetricRecord) -> String {
    var line = printable(record.string("status") ?? "ended")
    if let step = record.int("step") { line += " at step \(step)" }
    if let seconds = record.number("seconds") { line += " after \(durationText(seconds))" }
    if record.string("status") == "completed", let reason = record.string("reason") { line += ": \(printable(reason))" }
    return line
  }
}
