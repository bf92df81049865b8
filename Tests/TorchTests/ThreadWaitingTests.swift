import CTorch
import Foundation
import Testing

@testable import Torch

@Suite struct ThreadWaitingTests {
  @Test func patienceComesAtOnceAndGoesAfterQuietLooks() {
    var rule = PatienceRule()
    let quiet = Array(repeating: 0.003, count: PatienceRule.numQuietLooks)
    // One loud look among quiet ones starts the count anew.
    let shares = [0.003, 0.5] + quiet + [0.06, 0.04]
    let patient = shares.map { rule.isPatient(waitingShare: $0) }
    #expect(patient == [false] + quiet.map { _ in true } + [false, true, true])
  }

  /// In a process of its own, with more busy threads than processors: the watch has to see that ours wait.
  @Test func busyProcessorsMakeThreadsPatient() async {
    await #expect(processExitsWith: .success) {
      precondition(vt_patient_waiting_available(), "libtorch's threads are not libgomp's")
      Runtime.numThreads = 2
      for _ in 0..<2 * ProcessInfo.processInfo.processorCount {
        Thread { while true {} }.start()
      }
      for _ in 0..<600 where !ThreadWaiting.isPatient { try await Task.sleep(for: .milliseconds(100)) }
      precondition(ThreadWaiting.isPatient, "a minute beside busy threads brought no patience")
      // Operators compute as before.
      precondition(Tensor.ones([512, 512]).matmul(Tensor.ones([512, 512])).sum().item() == Double(1 << 27))
    }
  }

  @Test func patienceCanBeTurnedOnAndOff() async {
    await #expect(processExitsWith: .success) {
      for enabled in [true, true, false, false, true] {
        precondition(vt_set_patient_waiting(enabled) == VT_OK)
        precondition(vt_patient_waiting() == enabled)
      }
    }
  }
}
