import KeyedRandom
import Testing

@testable import Torch

/// The fused operators against the same formula in libtorch's plain operators and float64.
@Suite(.serialized) struct KernelTests {
  static let backends = MatmulBackend.allCases.filter(\.isAvailable)

  /// max|a-b| / max|b|
  static func difference(_ a: Tensor, _ b: Tensor) -> Double {
    let (a, b) = (a.to(.float64), b.to(.float64))
    return ((a - b).abs().max() / b.abs().max()).item()
  }

  static func plainAttention(_ qkv: Tensor, heads: Int) -> Tensor {
    let (batch, tokens) = (qkv.size(0), qkv.size(1))
    let width = qkv.size(2) / 3 / heads
    let parts = qkv.reshape([batch, tokens, 3, heads, width]).permute([2, 0, 3, 1, 4]).unbind()
    let weights = (parts[0].matmul(parts[1].transpose(-2, -1)) * (1 / Double(width).squareRoot())).softmax(-1)
    return weights.matmul(parts[2]).transpose(1, 2).reshape([batch, tokens, heads * width])
  }

  @Test(arguments: backends, [DType.float32, .float64])
  func linearAgreesForwardAndBackward(backend: MatmulBackend, dtype: DType) {
    MatmulBackend.current = backend
    defer { MatmulBackend.current = .native }
    let generator = Generator(seed: 1)
    func leaf(_ shape: [Int]) -> Tensor {
      let made = Tensor.randn(shape, generator: generator, dtype: dtype)
      made.requiresGrad = true
      return made
    }
    let (x, weight, bias) = (leaf([3, 7, 24]), leaf([40, 24]), leaf([40]))
    let seed = Tensor.randn([3, 7, 40], generator: generator, dtype: dtype)
    let y = x.linear(weight, bias: bias)
    y.backward(seed)

    let exact = [x, weight, bias].map { tensor in
      let made = tensor.detach().to(.float64).clone()
      made.requiresGrad = true
      return made
    }
    let reference = exact[0].matmul(exact[1].transpose(0, 1)) + exact[2]
    reference.backward(seed.to(.float64))
    #expect(Self.difference(y, reference) < 1e-6)
    for (tensor, expected) in zip([x, weight, bias], exact) {
      #expect(Self.difference(tensor.grad!, expected.grad!) < 2e-6)
    }
    // The checker sees a transposed weight.
    #expect(Self.difference(x.matmul(weight.reshape([24, 40])) + bias, reference) > 1e-2)
  }

  @Test(arguments: backends, [DType.float32, .float64])
  func attentionAgreesForwardAndBackward(backend: MatmulBackend, dtype: DType) {
    MatmulBackend.current = backend
    defer { MatmulBackend.current = .native }
    let generator = Generator(seed: 2)
    let qkv = Tensor.randn([2, 17, 3 * 4 * 8], generator: generator, dtype: dtype)
    qkv.requiresGrad = true
    let seed = Tensor.randn([2, 17, 32], generator: generator, dtype: dtype)
    let y = qkv.attention(numHeads: 4)
    y.backward(seed)
    let exact = qkv.detach().to(.float64).clone()
    exact.requiresGrad = true
    let reference = Self.plainAttention(exact, heads: 4)
    reference.backward(seed.to(.float64))
    #expect(Self.difference(y, reference) < 2e-6)
    #expect(Self.difference(qkv.grad!, exact.grad!) < 4e-6)
    #expect(Self.difference(withoutGrad { qkv.attention(numHeads: 4) }, reference) < 2e-6)
    // The checker sees a wrong number of heads.
    #expect(Self.difference(qkv.attention(numHeads: 2), reference) > 1e-2)
  }

  @Test func bfloat16AttentionStaysWithinItsPrecision() {
    let qkv = Tensor.randn([2, 33, 96], generator: Generator(seed: 3))
    let reference = Self.plainAttention(qkv.to(.float64), heads: 2)
    let low = withAutocast(to: .bfloat16, on: .cpu) { qkv.attention(numHeads: 2) }
    #expect(Self.difference(low, reference) < 2e-2)
  }

  /// 64 tokens of width 64: query i points at key 63 - i, so that its output is exactly that token's value. The product
  /// of the two is 67,600, beyond float16; the score is an eighth of it.
  @Test func float16AttentionTakesProductsBeyondItsRange() {
    let (count, size) = (64, 260.0)
    let eye = Tensor((0..<count * count).map { Float($0 % (count + 1) == 0 ? size : 0) }, shape: [count, count])
    let value = Tensor.randn([count, count], generator: Generator(seed: 7)).to(.float16).to(.float32)
    let qkv = Tensor.concatenated([eye.flip([0]), eye, value], dim: 1).reshape([1, count, 3 * count])
    qkv.requiresGrad = true
    let seed = Tensor.randn([1, count, count], generator: Generator(seed: 8)).to(.float16).to(.float32)
    let out = withAutocast(to: .float16, on: .cpu) { qkv.attention(numHeads: 1) }
    #expect(out.to(.float32).isEqual(to: value.flip([0]).reshape([1, count, count])))
    out.backward(seed.to(.float16))
    let gradient = qkv.grad!.reshape([count, 3 * count])
    #expect(gradient.narrow(1, start: 2 * count, length: count).isEqual(to: seed.reshape([count, count]).flip([0])))
    #expect(gradient.narrow(1, start: 0, length: 2 * count).abs().max().item() == 0.0)
  }

  @Test func float16AttentionStaysWithinItsPrecision() {
    let qkv = Tensor.randn([2, 33, 96], generator: Generator(seed: 9)) * 2
    let exact = qkv.to(.float64)
    exact.requiresGrad = true
    let reference = Self.plainAttention(exact, heads: 2)
    let seed = Tensor.randn([2, 33, 32], generator: Generator(seed: 10))
    reference.backward(seed.to(.float64))
    qkv.requiresGrad = true
    let low = withAutocast(to: .float16, on: .cpu) { qkv.attention(numHeads: 2) }
    low.backward(seed.to(.float16))
    #expect(Self.difference(low, reference) < 4e-3)
    #expect(Self.difference(qkv.grad!, exact.grad!) < 4e-3)
  }

  /// One token of one image lies in memory as attention wants it; it is not the operator's to change.
  @Test func attentionLeavesItsInputAlone() {
    let qkv = Tensor.randn([1, 1, 96], generator: Generator(seed: 11))
    let before = qkv.clone()
    _ = withoutGrad { qkv.attention(numHeads: 2) }
    #expect(qkv.isEqual(to: before))
  }

  @Test(arguments: backends) func resultsRepeatBitForBit(backend: MatmulBackend) {
    MatmulBackend.current = backend
    defer { MatmulBackend.current = .native }
    let x = Tensor.randn([4, 50, 96], generator: Generator(seed: 4))
    let weight = Tensor.randn([96, 96], generator: Generator(seed: 5))
    let first = x.linear(weight).attention(numHeads: 4)
    for _ in 0..<3 { #expect(x.linear(weight).attention(numHeads: 4).isEqual(to: first)) }
  }

  /// In a process of its own: tensors are counted over the whole process, and other tests have theirs.
  @Test func liveTensorsStayFlat() async {
    await #expect(processExitsWith: .success) {
      let weight = Tensor.randn([16, 16], generator: Generator(seed: 6))
      weight.requiresGrad = true
      func step() {
        let loss = Tensor.ones([4, 16]).linear(weight).gelu().sum()
        loss.backward()
        withoutGrad { _ = weight.add_(weight.grad!, alpha: -0.01) }
        weight.grad = nil
      }
      step()
      let before = LiveTensors.count
      for _ in 0..<100 { step() }
      precondition(LiveTensors.count == before, "\(before) live tensors became \(LiveTensors.count)")
    }
  }
}

@Suite struct MatmulBackendTests {
  @Test(.enabled(if: MatmulBackend.oneDNN.isAvailable)) func theChoiceFollowsTheRule() {
    let rule = MatmulBackend.preferred
    let other = rule == .native ? MatmulBackend.oneDNN : .native
    #expect(MatmulBackend.chosen(on: .cpu) == rule)
    #expect(MatmulBackend.chosen(on: Device(.cuda, index: 0)) == .native)
    // The weights' own backend comes before the rule and the race, and what was asked for before it.
    for choice in [MatmulBackend.Choice.auto, .fastest] {
      #expect(MatmulBackend.chosen(choice, trainedWith: other, on: .cpu) == other)
    }
    #expect(MatmulBackend.chosen(rule == .native ? .native : .oneDNN, trainedWith: other, on: .cpu) == rule)
    #expect(MatmulBackend.chosen(.fastest, on: .cpu).isAvailable)
    #expect(Set(MatmulBackend.Choice.allCases.map(\.rawValue)) == ["auto", "native", "onednn", "fastest"])
  }

  /// Every element against the generator in Swift, and against the same from libtorch's operators, which other devices
  /// take; forward and backward, odd sizes, all dtypes, any number of threads.
  @Test(arguments: [DType.float32, .float64, .bfloat16, .float16])
  func dropoutIsAFunctionOfItsKey(_ dtype: DType) {
    let (key, first, stride, p) = (-0x1234_5678_9abc_def0, 3, 2, 0.3)
    let elsewhere = Op("vitrail::keyed_dropout_elsewhere")
    let x = Tensor.randn([5, 3, 67], generator: Generator(seed: 12)).to(dtype)
    x.requiresGrad = true
    let y = x.dropout(p, key: key, firstSample: first, sampleStride: stride)
    y.backward(Tensor.ones([5, 3, 67], dtype: dtype))
    let words = SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    let stays: [Bool] = (0..<5).flatMap { sample in
      (0..<201).map { element in
        let block = Philox.block(counter: [UInt32(element / 4), 0, UInt32(first + stride * sample), 0], key: words)
        return Double(block[element % 4]) < 0.7 * 0x1p32
      }
    }
    #expect(y.to(.float64).array(Double.self).map { $0 != 0 } == stays)
    #expect(x.grad!.to(.float64).array(Double.self).map { $0 != 0 } == stays)
    let kept = y.to(.float64) / x.detach().to(.float64)
    #expect(
      KernelTests.difference(kept, Tensor(stays.map { $0 ? 1 / 0.7 : 0 }, shape: [5, 3, 67]))
        < (dtype == .float64 ? 1e-12 : 8e-3))
    let slow = elsewhere(x.detach(), p, key, first, stride)
    if dtype == .float32 || dtype == .float64 {
      #expect(slow.isEqual(to: y))
    } else {
      #expect(KernelTests.difference(slow, y.detach()) < 8e-3)
    }
    // Planted faults: the next key, and the next place.
    #expect(!x.dropout(p, key: key + 1, firstSample: first, sampleStride: stride).isEqual(to: y))
    #expect(!x.dropout(p, key: key, firstSample: first + 1, sampleStride: stride).isEqual(to: y))
  }

  /// Large enough for several parts of both loops.
  @Test func dropoutDoesNotDependOnThreads() {
    let x = Tensor.randn([9, 12_345], generator: Generator(seed: 13))
    let threads = Runtime.numThreads
    defer { Runtime.numThreads = threads }
    let found = [1, 2, 3].map { count in
      Runtime.numThreads = count
      return x.dropout(0.25, key: 77)
    }
    #expect(found[1].isEqual(to: found[0]) && found[2].isEqual(to: found[0]))
    #expect(Op("vitrail::keyed_dropout_elsewhere")(x, 0.25, 77, 0, 1).isEqual(to: found[0]))
    #expect(abs(1 - found[0].equals(x.zerosLike()).to(.float32).mean().item() - 0.75) < 0.01)
  }

  /// What is dropped is 0 whatever it was.
  @Test func dropoutDropsInfinities() {
    let y = Tensor.full([1000], .infinity).view([1, 1000]).dropout(0.5, key: 1)
    #expect(Set(y.array(Float.self)) == [0, .infinity])
  }
}
