import Foundation
import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test(arguments: DType.allCases) func everyDTypeHoldsItsValues(dtype: DType) {
    let tensor = Tensor([0, 1, 1] as [Double]).to(dtype)
    #expect(tensor.dtype == dtype)
    #expect(tensor.doubles() == [0, 1, 1])
    #expect(tensor.withBytes { $0.count } == 3 * dtype.byteCount)
  }

  @Test func shapesStridesAndViews() {
    let x = Tensor.arange(0, 24, dtype: .float32).reshape([2, 3, 4])
    #expect(x.shape == [2, 3, 4] && x.strides == [12, 4, 1] && x.ndim == 3 && x.count == 24)
    let y = x.transpose(0, 2)
    #expect(y.shape == [4, 3, 2] && !y.isContiguous && y.size(-1) == 2)
    #expect(y.select(0, 1).doubles() == [1, 13, 5, 17, 9, 21])
    #expect(x.select(0, 0).narrow(1, start: 1, length: 2).doubles() == [1, 2, 5, 6, 9, 10])
  }

  @Test func borrowedMemoryIsSharedAndReleasedOnce() {
    final class Counter: @unchecked Sendable { var released = 0 }
    let counter = Counter()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 64)
    memory.bindMemory(to: Float.self, capacity: 4).update(repeating: 2, count: 4)
    do {
      let tensor = Tensor.borrowing(memory, shape: [2, 2], dtype: .float32) {
        counter.released += 1
      }
      let view = tensor.reshape([4])
      view.mul_(3)
      #expect(memory.load(fromByteOffset: 12, as: Float.self) == 6)
      #expect(counter.released == 0)
    }
    #expect(counter.released == 1)
    memory.deallocate()
  }

  @Test func gradientsFlowAndStop() {
    let x = Tensor([1, 2, 3] as [Float])
    x.requiresGrad = true
    (x * x).sum().backward()
    #expect(x.grad?.array(Float.self) == [2, 4, 6])
    x.grad = nil
    #expect(x.grad == nil)
    let y = withoutGrad { x * 2 }
    #expect(!y.requiresGrad)
    #expect((x * 2).requiresGrad)
  }

  @Test func autocastComputesProductsInBFloat16() {
    let x = Tensor.ones([8, 8])
    let weight = Tensor.ones([8, 8])
    withAutocast(to: .bfloat16, on: .cpu) {
      #expect(x.linear(weight).dtype == .bfloat16)
      #expect(Tensor.ones([1, 4, 24]).attention(numHeads: 2).dtype == .bfloat16)
    }
    #expect(x.linear(weight).dtype == .float32)
  }

  @Test func generatorsRepeat() {
    let generator = Generator(seed: 7)
    let state = generator.state
    let first = Tensor.randn([5], generator: generator)
    #expect(!generator.state.isEqual(to: state))
    #expect(Tensor.randn([5], generator: Generator(seed: 7)).isEqual(to: first))
    #expect(!Tensor.randn([5], generator: generator).isEqual(to: first))
  }

  @Test func layoutsCutTensors() {
    let full = Tensor((0..<24).map(Float.init), shape: [6, 4])
    let rows = ShardLayout(of: [6, 4], dim: 0, ranges: [1..<2, 4..<6])
    #expect(rows.shape == [3, 4] && !rows.isWhole)
    #expect(rows.part(of: full).array(Float.self) == [4, 5, 6, 7] + (16..<24).map(Float.init))
    let columns = ShardLayout(of: [6, 4], dim: 1, ranges: [3..<4])
    #expect(columns.part(of: full).array(Float.self) == [3, 7, 11, 15, 19, 23])
    #expect(ShardLayout(whole: [6, 4]).part(of: full) === full && ShardLayout(whole: []).isWhole)
  }

  @Test func devicesAreCheckedBeforeUse() throws {
    #expect(try Device.parse("cpu") == .cpu)
    #expect(throws: TorchError.self) { try Device.parse("gpu") }
    #expect(throws: TorchError.self) { try Device.parse("cuda:99") }
    #expect(throws: TorchError.self) { try Device.parse("cpu:1") }
  }

  @Test func outOfMemoryIsThrownAndLeavesTheProcessUsable() throws {
    #expect(throws: TorchError.self) {
      try recovering {
        let huge = Tensor.empty([1 << 50])
        // Nothing after the failure runs, and nothing traps.
        #expect((huge + 1).shape == [])
      }
    }
    #expect(Tensor.ones([2]).sum().item() == 2)
  }

  /// What is there has its shape while a failure is pending, and modes and borrowed memory are given back.
  @Test func whatIsPendingDoesNotReachWhatIsThere() throws {
    final class Counter: @unchecked Sendable { var released = 0 }
    let counter = Counter()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 64)
    defer { memory.deallocate() }
    let x = Tensor.ones([2, 3], dtype: .float64)
    #expect(throws: TorchError.self) {
      try recovering {
        withAutocast(to: .bfloat16, on: .cpu) {
          _ = Tensor.empty([1 << 50])
          #expect(isFailurePending && x.shape == [2, 3] && x.size(-1) == 3 && x.dtype == .float64 && x.isContiguous)
          let none = x + 1
          #expect(none.shape == [] && none.array(Int.self) == [] && none.unbind().isEmpty)
          requireShape(none.ndim == 2, "nothing is checked")
          _ = Tensor.borrowing(memory, shape: [4], dtype: .float32) { counter.released += 1 }
        }
      }
    }
    #expect(!isFailurePending && counter.released == 1)
    #expect(Tensor.ones([8, 8]).linear(Tensor.ones([8, 8])).dtype == .float32)
  }

  @Test func anOperatorFirstUsedAfterAFailureStaysUsable() throws {
    // Found once and kept for the life of the process: a failure that is pending at that moment must not be kept too.
    enum Late { static let tril = Op("aten::tril") }
    #expect(throws: TorchError.self) {
      try recovering {
        _ = Tensor.empty([1 << 50])
        _ = Late.tril(Tensor.ones([2, 2]), 0)
      }
    }
    #expect(Late.tril(Tensor.ones([2, 2]), 0).sum().item() == 3)
  }

  /// In a process of its own: memory is counted over the whole process, and other tests have theirs.
  @Test func memoryStatisticsFollowTensors() async {
    await #expect(processExitsWith: .success) {
      let before = Device.cpu.memory.current
      let tensor = Tensor.zeros([1 << 20])
      precondition(Device.cpu.memory.current >= before + 4 << 20)
      precondition(Device.cpu.memory.peak >= tensor.count * 4)
    }
  }

  @Test func operatorsThatMayBeAbsentAreFoundOrNil() {
    #expect(Op(ifPresent: "aten::no_such_operator") == nil)
    #expect(Op(ifPresent: "aten::mm") != nil)
  }
}

@Suite struct TrapTests {
  @Test func aWrongShapeNamesTheOperatorAndTheShapes() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Op("aten::mm")(Tensor.ones([2, 3]), Tensor.ones([4, 5]))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("aten::mm(self: Float[2, 3], mat2: Float[4, 5])"))
  }

  @Test func aWrongArgumentNamesTheArgument() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Op("aten::transpose", "int")(Tensor.ones([2, 3]), 0.5, 1)
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("aten::transpose.int") && text.contains("argument 'dim0' is int"))
  }

  @Test func aWrongShapeTrapsWhereNothingIsPending() async throws {
    await #expect(processExitsWith: .failure) { requireShape(Tensor.ones([2]).ndim == 3, "three dimensions") }
  }

  @Test func anIntegerNeverStandsForADType() async throws {
    await #expect(processExitsWith: .failure) { _ = Op("aten::to", "dtype")(Tensor.ones([2]), 99) }
  }

  /// In a process of its own: the setting is the process's.
  @Test func deterministicOperatorsAreAskedForAndNewMemoryIsLeftAlone() async {
    await #expect(processExitsWith: .success) {
      #expect(!Runtime.usesDeterministicOperators)
      Runtime.usesDeterministicOperators = true
      #expect(Runtime.usesDeterministicOperators)
      // libtorch would fill it with NaN.
      #expect(Tensor.empty([1 << 16]).array(Float.self).contains { !$0.isNaN })
      Runtime.usesDeterministicOperators = false
      #expect(!Runtime.usesDeterministicOperators)
    }
  }

  @Test func outOfMemoryOutsideARecoveringScopeEndsInOneLine() async throws {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      _ = Tensor.empty([1 << 50])
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.hasPrefix("vitrail: out of memory") && text.split(separator: "\n").count == 1)
  }
}
