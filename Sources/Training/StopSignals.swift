import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as a question that the loop asks between steps. A second SIGINT ends the process at once.
public final class StopSignals {
  private let received: Received
  private let sources: [any DispatchSourceSignal]

  private final class Received: Sendable {
    let signal = Atomic<Int32>(0)
  }

  /// Starts to watch; the process no longer dies of these signals by itself.
  public init() {
    let received = Received()
    self.received = received
    let queue = DispatchQueue(label: "vitrail.signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        let before = received.signal.exchange(number, ordering: .relaxed)
        if number == SIGINT && before == SIGINT { _exit(130) }
      }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }

  /// The signal that came, if any.
  public var current: Int32? {
    let number = received.signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// The exit code that shells know a signal by: 130 for SIGINT, 143 for SIGTERM.
  public var exitCode: Int32? { current.map { 128 + $0 } }
}
