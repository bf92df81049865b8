// Progress of any long work: a bar on a terminal, a line now and then elsewhere.

import Foundation
import Synchronization

/// Shows how far a work of many items is. Safe to use from several threads.
///
/// On a terminal one line with bar, rate and time left is drawn again, at most ten times a second; elsewhere a plain line
/// is written every ten seconds. `finish` leaves one line that says what was done.
public final class ProgressBar: Sendable {
  private struct State {
    var numDone: Int
    var lastShown: Double
    var isFinished = false
  }

  private let title: String
  private let total: Int?
  private let numBefore: Int
  private let unit: ProgressUnit
  private let output: ConsoleOutput
  private let isQuiet: Bool
  private let clock: @Sendable () -> Double
  private let start: Double
  private let state: Mutex<State>

  /// Starts the work.
  ///
  /// - Parameters:
  ///   - title: What is done: "splitting", "libtorch.zip".
  ///   - total: How many items there are, where that is known.
  ///   - done: How many of them were done before; they do not count for the rate.
  ///   - unit: What is counted.
  ///   - output: Where progress is shown.
  ///   - isQuiet: Shows nothing at all.
  ///   - clock: Seconds of a clock that never goes back.
  public init(
    _ title: String, total: Int?, done: Int = 0, unit: ProgressUnit, output: ConsoleOutput = .standardError,
    isQuiet: Bool = false,
    clock: @escaping @Sendable () -> Double = { monotonicSeconds() }
  ) {
    self.title = printable(title)
    self.total = total
    numBefore = done
    self.unit = unit
    self.output = output
    self.isQuiet = isQuiet
    self.clock = clock
    start = clock()
    state = Mutex(State(numDone: done, lastShown: start))
  }

  /// Counts further items as done.
  public func advance(by count: Int = 1) {
    update { $0 + count }
  }

  /// Says how many items are done altogether.
  public func update(to count: Int) {
    update { _ in count }
  }

  /// Ends the work and leaves a line about it; further calls do nothing.
  public func finish() {
    let numDone: Int? = state.withLock { state in
      defer { state.isFinished = true }
      return state.isFinished ? nil : state.numDone
    }
    guard let numDone, !isQuiet else { return }
    let seconds = clock() - start
    let rate = seconds > 0 ? " (\(unit.rate(Double(numDone - numBefore) / seconds)))" : ""
    output.line("\(title): \(unit.amount(numDone, of: nil)) in \(durationText(seconds))\(rate)")
  }

  private func update(_ change: (Int) -> Int) {
    let interval = output.isTerminal ? 0.1 : 10
    let now = clock()
    // Drawn under the lock, so that an older count never follows a newer one.
    state.withLock { state in
      state.numDone = change(state.numDone)
      guard !isQuiet, !state.isFinished, now - state.lastShown >= interval else { return }
      state.lastShown = now
      let line = progressLine(state.numDone, seconds: now - start)
      if output.isTerminal { output.draw(line) } else { output.line(line) }
    }
  }

  private func progressLine(_ numDone: Int, seconds: Double) -> String {
    var line = ProgressLine(title: title, notes: [unit.amount(numDone, of: total)])
    let rate = Double(numDone - numBefore) / seconds
    if rate > 0 { line.notes.append(unit.rate(rate)) }
    if let total, total > 0 {
      line.fraction = Double(numDone) / Double(total)
      if rate > 0 { line.notes.append("\(durationText(Double(max(0, total - numDone)) / rate)) left") }
    }
    return line.text(width: output.isTerminal ? output.width : 0)
  }
}
