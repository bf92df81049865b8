// The console, as far as progress needs it: whole lines, and one line at the bottom that is drawn again and again.

import Foundation
import Synchronization

/// A place for lines and for one progress line below them. Safe to use from several threads.
public final class ConsoleOutput: Sendable {
  /// The standard error stream. It counts as a terminal unless `TERM` is `dumb`; colours also need `NO_COLOR` unset or
  /// empty.
  public static let standardError: ConsoleOutput = {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    return ConsoleOutput(
      isTerminal: isTerminal, usesColor: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty,
      width: { terminalWidth() }, put: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }()

  /// Whether a line can be drawn again.
  public let isTerminal: Bool
  /// Whether escape sequences for colours are welcome.
  public let usesColor: Bool

  private let currentWidth: @Sendable () -> Int
  private let put: @Sendable (String) -> Void
  /// Whether the bottom line holds progress.
  private let isDrawn = Mutex(false)

  /// Creates a console.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether a line can be drawn again.
  ///   - usesColor: Whether colours are welcome.
  ///   - width: The number of columns, asked before every drawing.
  ///   - put: Takes text as it is.
  public init(
    isTerminal: Bool, usesColor: Bool, width: @escaping @Sendable () -> Int, put: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.usesColor = usesColor
    currentWidth = width
    self.put = put
  }

  /// The number of columns, at least 20.
  public var width: Int { max(20, currentWidth()) }

  /// Writes a line, in place of the progress line if there is one.
  public func line(_ text: String) {
    isDrawn.withLock { isDrawn in
      put((isDrawn ? "\r\u{1B}[K" : "") + text + "\n")
      isDrawn = false
    }
  }

  /// Draws the progress line, cut to the width; does nothing where lines cannot be drawn again.
  public func draw(_ text: String) {
    guard isTerminal else { return }
    let cut = String(text.prefix(width - 1))
    isDrawn.withLock { isDrawn in
      put("\r" + cut + "\u{1B}[K")
      isDrawn = true
    }
  }

  /// Takes the progress line away.
  public func clear() {
    isDrawn.withLock { isDrawn in
      if isDrawn { put("\r\u{1B}[K") }
      isDrawn = false
    }
  }

  /// Writes a warning as a line.
  public func warning(_ message: String) {
    line((usesColor ? "\u{1B}[33mwarning:\u{1B}[0m " : "warning: ") + printable(message))
  }
}

/// The columns of the terminal behind standard error, else 80.
private func terminalWidth() -> Int {
  var size = winsize()
  let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
  return isKnown ? Int(size.ws_col) : 80
}
