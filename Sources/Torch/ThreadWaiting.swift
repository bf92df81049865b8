// Lets the threads of operators wait as the machine allows: spinning while each has a processor of its own, sleeping
// while others want the processors too. Why, and how libgomp is told: CTorch/Waiting.cpp.
import CTorch
import Foundation
import Synchronization

/// How the threads of one operator wait for each other.
enum ThreadWaiting {
  /// Whether they sleep soon now, because the processors are wanted by others too.
  static var isPatient: Bool { vt_patient_waiting() }

  /// Watches over the threads of this process from here on, once; nothing where the user has said how to wait, where
  /// libtorch's threads are not libgomp's, or where the system does not tell how long threads wait for a processor.
  static func watch() {
    let settings = ProcessInfo.processInfo.environment
    guard settings["OMP_WAIT_POLICY"] == nil, settings["GOMP_SPINCOUNT"] == nil, vt_patient_waiting_available(),
      secondsWaitedForProcessors() != nil,
      isWatched.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    else { return }
    let thread = Thread {
      var rule = PatienceRule()
      var waited = secondsWaitedForProcessors() ?? 0
      var time = ContinuousClock.now
      while true {
        Thread.sleep(forTimeInterval: PatienceRule.interval)
        guard let nowWaited = secondsWaitedForProcessors() else { return }
        let now = ContinuousClock.now
        let elapsed = (now - time) / .seconds(1)
        // Where this fails the threads spin on, as they would without a watch.
        _ = vt_set_patient_waiting(rule.isPatient(waitingShare: max(0, nowWaited - waited) / max(elapsed, 1e-3)))
        (waited, time) = (nowWaited, now)
      }
    }
    thread.name = "thread waiting"
    thread.start()
  }

  private static let isWatched = Atomic(false)

  /// How long the living threads of this process were ready to run and had no processor, summed; nil where the system
  /// does not tell.
  private static func secondsWaitedForProcessors() -> Double? {
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") else { return nil }
    let times = threads.compactMap { thread in
      // "RUNNING WAITING TIMESLICES", the first two in nanoseconds.
      (try? String(contentsOfFile: "/proc/self/task/\(thread)/schedstat", encoding: .utf8))?
        .split(separator: " ").dropFirst().first.flatMap { Double($0) }
    }
    return times.isEmpty ? nil : times.reduce(0, +) * 1e-9
  }
}

/// When to be patient: at once where threads wait for processors, and for two quiet seconds after that.
struct PatienceRule {
  /// Seconds between two looks.
  static let interval = 0.2
  /// Alone on a machine the share is 0.003; one busy process beside two threads on two processors makes it 0.5 to 1.
  static let highestQuietShare = 0.05
  static let numQuietLooks = 10

  private var numQuiet = Self.numQuietLooks

  /// Whether to be patient after an interval.
  /// - Parameter waitingShare: the time that threads waited for a processor over the time that passed, summed over them.
  mutating func isPatient(waitingShare: Double) -> Bool {
    numQuiet = waitingShare > Self.highestQuietShare ? 0 : min(numQuiet + 1, Self.numQuietLooks)
    return numQuiet < Self.numQuietLooks
  }
}
