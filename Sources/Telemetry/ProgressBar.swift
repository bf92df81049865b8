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

// One line of progress: a title, a bar where there is room, what is done, notes.

/// The parts of a progress line.
struct ProgressLine {
  var title: String
  /// From 0 to 1; nil where the total is not known.
  var fraction: Double?
  /// Whether the share is written in percent too.
  var showsPercent = true
  var notes: [String]

  /// The line, with a bar of 10, 20 or 30 characters if the notes leave the room for it.
  func text(width: Int) -> String {
    guard let fraction else { return ([title] + notes).joined(separator: "  ") }
    let percent = Int((100 * min(max(fraction, 0), 1)).rounded(.down))
    let share = showsPercent ? [leftPadded("\(percent)%", to: 4)] : []
    for separator in ["  ", " "] {
      let tail = (share + notes).joined(separator: separator)
      // The brackets, and the spaces around them.
      let room = width - 1 - title.count - tail.count - 3 - separator.count
      if room >= 10 { return "\(title) [\(bar(percent, room: room))]\(separator)\(tail)" }
    }
    return ([title] + share + notes).joined(separator: "  ")
  }

  private func bar(_ percent: Int, room: Int) -> String {
    // In steps, so that the bar keeps its length while the notes change theirs.
    let length = min(room / 10 * 10, 30)
    let filled = length * percent / 100
    let head = filled > 0 && filled < length ? ">" : ""
    return String(repeating: "=", count: filled - head.count) + head + String(repeating: " ", count: length - filled)
  }
}

// What progress is counted in.

/// What progress is counted in.
public enum ProgressUnit: Sendable, Equatable {
  /// Things, by the word for several of them: files, images, steps.
  case items(String)
  /// Bytes, shown in kB, MB or GB.
  case bytes

  /// How much of a total is done: `12/80 files`, `1.5/8.0 MB`.
  func amount(_ done: Int, of total: Int?) -> String {
    switch self {
    case .items(let name): "\(done)\(total.map { "/\($0)" } ?? "") \(name)"
    case .bytes:
      {
        let (scale, name) = Self.scale(Double(total ?? done))
        let parts = [done] + (total.map { [$0] } ?? [])
        return parts.map { formatted(Double($0) / scale, decimals: 1) }.joined(separator: "/") + " " + name
      }()
    }
  }

  /// A rate: `120 files/s`, `3.4 MB/s`.
  func rate(_ perSecond: Double) -> String {
    switch self {
    case .items(let name): "\(formatted(perSecond, decimals: perSecond < 10 ? 1 : 0)) \(name)/s"
    case .bytes:
      {
        let (scale, name) = Self.scale(perSecond)
        return "\(formatted(perSecond / scale, decimals: 1)) \(name)/s"
      }()
    }
  }

  private static func scale(_ bytes: Double) -> (Double, String) {
    if bytes >= 1e9 { return (1e9, "GB") }
    return bytes >= 1e6 ? (1e6, "MB") : (1e3, "kB")
  }
}
