import Testing

@testable import Torch

/// Parts of a graph that keep only their input.
@Suite struct RecomputedTests {
  /// Told when it goes.
  private final class Mark {
    let onEnd: () -> Void
    init(_ onEnd: @escaping () -> Void) { self.onEnd = onEnd }
    deinit { onEnd() }
  }

  private static func leaf(_ seed: UInt64) -> Tensor {
    let tensor = Tensor.randn([4, 4], generator: Generator(seed: seed))
    tensor.requiresGrad = true
    return tensor
  }

  /// Gradients of both leaves of `(part(x * 2)).sum()`, where the part computes with `weight`.
  private static func gradients(_ part: (Tensor, @escaping (Tensor) -> Tensor) -> Tensor) -> [[Float]] {
    let (x, weight) = (leaf(1), leaf(2))
    let output = part(x * 2) { ($0 * weight).exp() * weight }
    (output * output).sum().backward()
    return [x.grad!.array(), weight.grad!.array()]
  }

  @Test func gradientsAreTheSameBits() {
    let whole = Self.gradients { $1($0) }
    #expect(Self.gradients(recomputed) == whole)
  }

  @Test func partsInTurnAndInsideOfEachOther() {
    typealias Body = (Tensor) -> Tensor
    func gradients(_ part: (Tensor, @escaping Body, @escaping Body) -> Tensor) -> [[Float]] {
      let (x, first, second) = (Self.leaf(1), Self.leaf(2), Self.leaf(3))
      part(x * 0.1, { ($0 * first).exp() }, { ($0 * second).exp() }).sum().backward()
      return [x, first, second].map { $0.grad!.array() }
    }
    let whole = gradients { $2($1($0)) }
    #expect(gradients { recomputed(recomputed($0, $1), $2) } == whole)
    #expect(gradients { x, first, second in recomputed(x) { recomputed(recomputed($0, first), second) } } == whole)
    #expect(gradients { $1($2($0)) } != whole)
  }

  /// A computation that is another one the second time gives other gradients: the comparison shows it.
  @Test func anotherComputationWouldShow() {
    var numCalls = 0.0
    let other = Self.gradients { x, body in
      recomputed(x) {
        numCalls += 1
        return body($0) * numCalls
      }
    }
    #expect(numCalls == 2)
    #expect(other != Self.gradients { $1($0) })
  }

  @Test func anInputWithoutGradientsLetsThoseOfOthersThrough() {
    let (weight, x) = (Self.leaf(2), Tensor.ones([4, 4]))
    recomputed(x) { $0 * weight * weight }.sum().backward()
    #expect(weight.grad!.doubles() == (weight.detach() * 2).doubles())
    #expect(x.grad == nil)
    // Gradients add up, over parts and over passes.
    let output = recomputed(x) { $0 * weight * weight }.sum()
    output.backward(retainingGraph: true)
    output.backward()
    #expect(weight.grad!.doubles() == (weight.detach() * 6).doubles())
  }

  @Test func theClosureGoesOnceWithTheGraph() async {
    await #expect(processExitsWith: .success) {
      let x = Self.leaf(1)
      for goesBack in [true, false] {
        var (numCalls, numEnds) = (0, 0)
        func make() -> Tensor {
          let mark = Mark { numEnds += 1 }
          return recomputed(x) { input in
            withExtendedLifetime(mark) { numCalls += 1 }
            return input.exp()
          }.sum()
        }
        let tensors = LiveTensors.count
        do {
          let output = make()
          #expect((numCalls, numEnds) == (1, 0))
          if goesBack { output.backward() }
          // The pass lets go of what it needed, as it does of saved tensors.
          #expect((numCalls, numEnds) == (goesBack ? (2, 1) : (1, 0)))
        }
        #expect(numEnds == 1)
        #expect(LiveTensors.count == tensors)
      }
      // Nothing is kept where there are no gradients.
      var numEnds = 0
      let output = withoutGrad { [mark = Mark { numEnds += 1 }] in
        recomputed(x) { input in withExtendedLifetime(mark) { input.exp() } }
      }
      #expect(numEnds == 1 && !output.requiresGrad)
    }
  }

  /// The same casts both times, also where the backward pass runs outside of the scope.
  @Test func autocastIsThatOfTheForwardPass() {
    func gradient(_ part: (Tensor, @escaping (Tensor) -> Tensor) -> Tensor) -> (dtypes: [DType], values: [Float]) {
      let (x, weight) = (Self.leaf(1), Self.leaf(2))
      var dtypes: [DType] = []
      let output = withAutocast(to: .bfloat16, on: .cpu) {
        part(x) {
          let product = $0.matmul(weight)
          dtypes.append(product.dtype)
          return product
        }
      }
      output.to(.float32).sum().backward()
      return (dtypes, weight.grad!.array())
    }
    let (whole, again) = (gradient { $1($0) }, gradient(recomputed))
    #expect(whole.dtypes == [.bfloat16] && again.dtypes == [.bfloat16, .bfloat16])
    #expect(whole.values == again.values)
  }

  /// A failure inside of the second computation is the one that the scope throws.
  @Test func memoryThatRunsOutWhileComputingAgain() async {
    await #expect(processExitsWith: .success) {
      let x = Self.leaf(1)
      let tensors = LiveTensors.count
      do {
        var isSecond = false
        let output = recomputed(x) { input in
          if isSecond { MemoryFailure.atRequest(1) }
          isSecond = true
          return input.exp()
        }.sum()
        let error = #expect(throws: TorchError.self) { try recovering { output.backward() } }
        #expect("\(error!)".hasPrefix("out of memory"))
        MemoryFailure.off()
        #expect(x.grad == nil)
      }
      #expect(LiveTensors.count == tensors)
      (x * 2).sum().backward()
      #expect(x.grad!.array() == [Float](repeating: 2, count: 16))
    }
  }
}
