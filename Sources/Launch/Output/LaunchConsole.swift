import Synchronization
import Telemetry

/// Where the lines of ranks and of the launcher go, each as a whole.
final class LaunchConsole: Sendable {
  private struct State {
    /// The only rank whose errors are still shown, once one has failed.
    var failed: Int?
    var numHidden = 0
    var isOutputGone = false
  }

  private let errors = ConsoleOutput.standardError
  private let isSilent: Bool
  private let state = Mutex(State())

  /// - Parameter isSilent: Whether the launcher says nothing itself, because another one does.
  init(isSilent: Bool) { self.isSilent = isSilent }

  /// Whether progress can be drawn.
  var isTerminal: Bool { errors.isTerminal }
  /// Its columns.
  var width: Int { errors.width }

  /// A line on standard output. Ranks go on where nobody reads it any more.
  func output(_ line: String) {
    state.withLock { state in
      guard !state.isOutputGone else { return }
      errors.clear()
      do { try StandardOutput.line(line) } catch { state.isOutputGone = true }
    }
  }

  /// A line on standard error, of this rank where one is named.
  func error(_ line: String, of rank: Int? = nil) {
    state.withLock { state in
      if let rank, let failed = state.failed, failed != rank {
        state.numHidden += 1
      } else {
        errors.line(line)
      }
    }
  }

  /// The one progress line.
  func progress(_ text: String) {
    state.withLock { if $0.failed == nil { errors.draw(text) } }
  }

  /// What the launcher itself has to say.
  func note(_ text: String) {
    if !isSilent { state.withLock { _ in errors.line("vitrail launch: \(text)") } }
  }

  /// From now on the errors of other ranks are counted, not shown: they follow from that of this one.
  func showOnly(_ rank: Int) { state.withLock { $0.failed = rank } }

  /// Shows all again; returns how many lines were not shown.
  func showAll() -> Int {
    state.withLock { state in
      defer { (state.failed, state.numHidden) = (nil, 0) }
      errors.clear()
      return state.numHidden
    }
  }
}
