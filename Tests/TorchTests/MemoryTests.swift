import Foundation
import Testing

@testable import Torch

/// The allocator of the CPU. Memory is counted over the whole process, so each test has a process of its own.
@Suite struct MemoryTests {
  @Test func freedNeighboursServeALargerTensor() async {
    await #expect(processExitsWith: .success) {
      let fence = Tensor.empty([1 << 18])
      var parts: [Tensor?] = (0..<4).map { _ in Tensor.empty([1 << 20]) }
      let reserved = Device.cpu.memory.reserved
      precondition(parts.count == 4)
      // The order of freeing does not matter: each joins the free neighbours that it has.
      for index in [2, 0, 3, 1] { parts[index] = nil }
      let whole = Tensor.empty([4 << 20])
      precondition(Device.cpu.memory.reserved <= reserved, "\(Device.cpu.memory) after \(reserved)")
      precondition(whole.count + fence.count > 0)
    }
  }

  @Test func theRequestThatIsAskedForFailsOnce() async {
    await #expect(processExitsWith: .success) {
      let first = MemoryFailure.requests
      _ = (Tensor.empty([4]), Tensor.empty([1 << 18]), Tensor.empty([0]))
      #expect(MemoryFailure.requests == first + 2)
      for size in [4, 1 << 18] {
        let current = Device.cpu.memory.current
        MemoryFailure.atRequest(2)
        _ = Tensor.empty([size])
        let error = #expect(throws: TorchError.self) { try recovering { _ = Tensor.empty([size]) } }
        #expect("\(error!)".hasPrefix("out of memory"))
        #expect(Device.cpu.memory.current == current)
        _ = Tensor.empty([size])
        MemoryFailure.atRequest(1)
        MemoryFailure.off()
        _ = Tensor.empty([size])
      }
    }
  }

  @Test func tensorsOfManySizesNeverOverlapAndStayCloseToTheirPeak() async {
    await #expect(processExitsWith: .success) {
      var random = SplitMix(state: 7)
      var alive: [(tensor: Tensor, value: Float)] = []
      for step in 0..<4000 {
        // 100 bytes to 4 MB, more small ones than large ones.
        let count = 25 << Int.random(in: 0...15, using: &random) + Int.random(in: 0...24, using: &random)
        let value = Float(step)
        alive.append((Tensor.full([count], Double(value)), value))
        while alive.count > 60 {
          let (tensor, value) = alive.remove(at: Int.random(in: 0..<alive.count, using: &random))
          precondition(tensor.isEqual(to: tensor.fullLike(Double(value))), "overwritten")
        }
      }
      let memory = Device.cpu.memory
      precondition(memory.reserved <= memory.peak + memory.peak / 4, "\(memory)")
      for (tensor, value) in alive { precondition(tensor.isEqual(to: tensor.fullLike(Double(value)))) }
    }
  }

  @Test func measuringThePeakAnewKeepsThePages() async {
    await #expect(processExitsWith: .success) {
      do { _ = Tensor.zeros([64 << 20]) }
      let before = Device.cpu.memory
      precondition(before.reserved >= 256 << 20 && before.peak >= 256 << 20)
      Device.cpu.resetPeakMemory()
      do { _ = Tensor.zeros([1 << 20]) }
      let after = Device.cpu.memory
      precondition(after.peak < 64 << 20 && after.reserved == before.reserved, "\(before), then \(after)")
    }
  }

  @Test func memoryThatIsAskedBackGoesBack() async {
    await #expect(processExitsWith: .success) {
      let kept = Tensor.ones([1 << 20])
      do { _ = Tensor.zeros([64 << 20]) }
      Device.cpu.releaseCachedMemory()
      precondition(Device.cpu.memory.reserved < 16 << 20, "\(Device.cpu.memory)")
      precondition(kept.sum().item() == Double(1 << 20))
      // What went back can be had again.
      precondition(Tensor.ones([64 << 20]).sum().item() == Double(64 << 20))
    }
  }

  @Test func afterALongStretchOfSmallNeedsTheRestGoesBack() async {
    await #expect(processExitsWith: .success) {
      do { _ = Tensor.zeros([64 << 20]) }
      precondition(Device.cpu.memory.reserved >= 256 << 20)
      // Two stretches: the first one saw the large tensor.
      for _ in 0..<(2 << 17) { _ = Tensor.empty([1 << 15]) }
      precondition(Device.cpu.memory.reserved < 80 << 20, "\(Device.cpu.memory)")
    }
  }
}

/// SplitMix64 (Steele et al. 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
