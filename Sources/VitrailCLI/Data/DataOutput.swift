// What the data commands show: progress, and how many images each class has.

import Download
import Synchronization
import Telemetry

/// Shows a download's steps, each with a bar of its own. Safe to use from several threads.
final class DownloadProgress: Sendable {
  private struct State {
    var bar: ProgressBar?
    var label = ""
  }

  private let title: String
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(title: String, isQuiet: Bool) {
    self.title = title
    self.isQuiet = isQuiet
  }

  /// Shows what comes over the network.
  func receive(_ event: DownloadEvent) {
    switch event {
    case .receiving(let present, let total):
      state.withLock {
        // After a failed request, whose bar ends without a line.
        $0.bar = ProgressBar(title, total: total, done: present, unit: .bytes, isQuiet: isQuiet)
        $0.label = title
      }
    case .received(let count): state.withLock { $0.bar }?.update(to: count)
    case .note(let text): if !isQuiet { ConsoleOutput.standardError.line(printable(text)) }
    }
  }

  /// Shows what is done with the archive.
  func step(_ step: DatasetDownload.Step) {
    switch step {
    case .unpacking(let numDone, let total): show("unpacking", numDone, of: total, .bytes)
    case .converting(let numDone, let total): show("converting", numDone, of: total, .items("images"))
    }
  }

  /// Ends the last step.
  func finish() {
    state.withLock {
      $0.bar?.finish()
      $0 = State()
    }
  }

  private func show(_ label: String, _ numDone: Int, of total: Int, _ unit: ProgressUnit) {
    let bar = state.withLock { state in
      if state.label != label {
        state.bar?.finish()
        state.bar = ProgressBar(label, total: total, unit: unit, isQuiet: isQuiet)
        state.label = label
      }
      return state.bar
    }
    bar?.update(to: numDone)
  }
}

/// A progress bar whose total is known only when the work begins.
final class LateProgressBar: Sendable {
  private let title: String
  private let unit: ProgressUnit
  private let isQuiet: Bool
  private let bar = Mutex<ProgressBar?>(nil)

  init(_ title: String, unit: ProgressUnit, isQuiet: Bool) {
    self.title = title
    self.unit = unit
    self.isQuiet = isQuiet
  }

  /// Says how many items of how many are done.
  func update(to numDone: Int, of total: Int) {
    let shown = bar.withLock { bar in
      if bar == nil { bar = ProgressBar(title, total: total, unit: unit, isQuiet: isQuiet) }
      return bar
    }
    shown?.update(to: numDone)
  }

  /// Leaves a line about the work, where there was any.
  func finish() { bar.withLock { $0 }?.finish() }
}

/// How many images each class has, for people.
enum ClassTable {
  /// One row per class and one for all; `columns` are the parts of the set, `counts` their images by class.
  static func text(classes: [String], columns: [String], counts: [[Int]]) -> String {
    var table = TextTable(["class"] + columns, alignment: [.left] + columns.map { _ in .right })
    for (index, name) in classes.enumerated() { table.append([name] + counts.map { "\($0[index])" }) }
    table.append(["all"] + counts.map { "\($0.reduce(0, +))" })
    return table.text
  }
}
