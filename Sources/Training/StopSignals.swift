import Dispatch
import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as a question that the loop asks between steps. A second SIGINT ends the process at once.
///
/// While it watches, SIGPIPE is ignored, so that a progress bar whose reader has gone ends nothing. SIGHUP stays ignored
/// where it was, as under `nohup`.
public final class StopSignals: @unchecked Sendable {
  private let received: Received
  private let sources: [any DispatchSourceSignal]
  /// What the signals did before.
  private let former: [(number: Int32, handler: Handler?)]

  private typealias Handler = @convention(c) (Int32) -> Void

  private final class Received: Sendable {
    let signal = Atomic<Int32>(0)
  }

  /// Starts to watch; the process no longer dies of these signals by itself.
  public init() {
    let received = Received()
    self.received = received
    let queue = DispatchQueue(label: "vitrail.signals")
    var sources: [any DispatchSourceSignal] = []
    var former: [(number: Int32, handler: Handler?)] = []
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] {
      let handler: Handler? = signal(number, SIG_IGN)
      former.append((number, handler))
      if number == SIGPIPE || (number == SIGHUP && Self.isIgnored(handler)) { continue }
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        let before = received.signal.exchange(number, ordering: .relaxed)
        if number == SIGINT && before == SIGINT { _exit(130) }
      }
      source.resume()
      sources.append(source)
    }
    self.sources = sources
    self.former = former
  }

  deinit {
    for source in sources { source.cancel() }
    for (number, handler) in former { signal(number, handler) }
  }

  /// The signal that came, if any.
  public var current: Int32? {
    let number = received.signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Its name.
  public var name: String? {
    current.map { $0 == SIGINT ? "SIGINT" : $0 == SIGHUP ? "SIGHUP" : "SIGTERM" }
  }

  /// The exit code that shells know a signal by: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
  public var exitCode: Int32? { current.map { 128 + $0 } }

  private static func isIgnored(_ handler: Handler?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
