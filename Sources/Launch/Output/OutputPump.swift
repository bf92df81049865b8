import Foundation
import Synchronization

/// Takes what one stream of a rank says. Called by one thread, that of the pump.
protocol StreamSink: AnyObject, Sendable {
  func take(_ bytes: UnsafeRawBufferPointer)
  func finish()
}

/// A thread that reads the pipes of all ranks, so that neither a slow terminal keeps the launcher from its work nor
/// one rank's flood keeps others from being heard.
final class OutputPump: Sendable {
  private struct State {
    var streams: [Int32: any StreamSink] = [:]
    var isBusy = false
    var isClosed = false
    /// Grows with everything that is read.
    var numReads = 0
  }

  private let state = Mutex(State())
  private let wake: PipeEnds

  init() throws(LaunchError) {
    wake = try PipeEnds()
    _ = fcntl(wake.writing, F_SETFL, O_NONBLOCK)
    let thread = Thread { [self] in run() }
    thread.name = "vitrail.launch.output"
    thread.start()
  }

  /// Reads a pipe to its end, and closes it.
  func add(_ descriptor: Int32, _ sink: any StreamSink) {
    state.withLock { $0.streams[descriptor] = sink }
    notify()
  }

  /// Waits until every pipe of these sinks has ended, but not for one that is silent for so long.
  func wait(for sinks: [any StreamSink], silence: Double) {
    let wanted = Set(sinks.map { ObjectIdentifier($0) })
    var (since, numReads) = (ContinuousClock.now, -1)
    while true {
      let (isOpen, isBusy, now) = state.withLock { state in
        (state.streams.values.contains { wanted.contains(ObjectIdentifier($0)) }, state.isBusy, state.numReads)
      }
      guard isOpen else { return }
      if isBusy || now != numReads { (since, numReads) = (ContinuousClock.now, now) }
      if ContinuousClock.now - since > .seconds(silence) { return }
      usleep(2000)
    }
  }

  /// Ends the thread; pipes that are still open stay unread.
  func close() {
    state.withLock { $0.isClosed = true }
    notify()
  }

  private func notify() { _ = PipeEnds.write([0], to: wake.writing) }

  private func run() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let descriptors = state.withLock { state -> [Int32]? in
        state.isBusy = false
        return state.isClosed ? nil : state.streams.keys.sorted()
      }
      guard let descriptors else { return wake.close() }
      var polled = ([wake.reading] + descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
      state.withLock { $0.isBusy = true }
      for entry in polled where entry.revents != 0 {
        let count = buffer.withUnsafeMutableBytes { read(entry.fd, $0.baseAddress, $0.count) }
        guard entry.fd != wake.reading else { continue }
        if count < 0, errno == EINTR { continue }
        guard let sink = state.withLock({ $0.streams[entry.fd] }) else { continue }
        if count > 0 {
          buffer.withUnsafeBytes { sink.take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
          state.withLock { $0.numReads += 1 }
        } else {
          sink.finish()
          state.withLock { $0.streams[entry.fd] = nil }
          Foundation.close(entry.fd)
        }
      }
    }
  }
}
