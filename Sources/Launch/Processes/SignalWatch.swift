import Dispatch
import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as a list that the launcher reads; SIGPIPE is ignored meanwhile.
final class SignalWatch {
  /// Whether this process was started with SIGHUP ignored, as by `nohup`.
  static let hangupWasIgnored: Bool = {
    var action = sigaction()
    sigaction(SIGHUP, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }()

  private let received = Received()
  private var sources: [any DispatchSourceSignal] = []

  private final class Received: Sendable {
    let signals = Mutex<[Int32]>([])
  }

  init() {
    _ = Self.hangupWasIgnored
    signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "vitrail.launch.signals")
    for number in [SIGINT, SIGTERM] + (Self.hangupWasIgnored ? [] : [SIGHUP]) {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [received] in received.signals.withLock { $0.append(number) } }
      source.resume()
      sources.append(source)
    }
  }

  deinit {
    for source in sources {
      source.cancel()
    }
    for number in [SIGPIPE, SIGINT, SIGTERM] + (Self.hangupWasIgnored ? [] : [SIGHUP]) { signal(number, SIG_DFL) }
  }

  /// The signals that came since the last call, in their order.
  func take() -> [Int32] {
    received.signals.withLock { signals in
      defer { signals = [] }
      return signals
    }
  }
}
