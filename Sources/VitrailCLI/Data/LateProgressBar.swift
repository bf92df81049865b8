import Synchronization
import Telemetry

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
