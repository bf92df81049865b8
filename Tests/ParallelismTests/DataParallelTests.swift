import NN
import Optim
import Testing
import Torch

@testable import Parallelism

/// Two layers and one that the loss does not reach.
private final class Net: Module {
  private(set) var first = Tensor.zeros([40, 30])
  private(set) var unreached = Tensor.zeros([7])
  private(set) var second = Tensor.zeros([30, 20])

  init() {
    withoutGrad {
      _ = first.copy_(Tensor.randn([40, 30], generator: Generator(seed: 1)))
      _ = second.copy_(Tensor.randn([30, 20], generator: Generator(seed: 2)))
    }
    for tensor in [first, unreached, second] { tensor.requiresGrad = true }
  }

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("first", &first)
    visitor.parameter("unreached", &unreached)
    visitor.parameter("second", &second)
  }

  func loss(_ x: Tensor) -> Tensor { x.matmul(first).gelu().matmul(second).sum() }
}

@Suite struct DataParallelTests {
  private static func input(_ rank: Int) -> Tensor {
    Tensor.randn([5, 40], generator: Generator(seed: UInt64(10 + rank)))
  }

  /// The gradients of all ranks' inputs on one process, by name.
  private static func expected(_ ranks: Int) -> [[Float]] {
    let net = Net()
    for rank in 0..<ranks { net.loss(input(rank)).backward() }
    return [net.first, net.second].map { $0.grad!.array(Float.self) }
  }

  private static func reduced(
    _ ranks: Int, _ change: @escaping @Sendable (inout DataParallel.Options) -> Void = { _ in }
  ) throws -> [(gradients: [[Float]], overlap: [Int])] {
    try ProcessGroup.withThreads(ranks) { group in
      let net = Net()
      let groups = ParameterGroups.of(net)
      var options = DataParallel.Options()
      options.bucketMegabytes = 0.001
      change(&options)
      let parallel = DataParallel(group, module: net, groups: groups, options: options)
      for group in groups { group.zeroGradients() }
      parallel.beginPass(isLast: true)
      net.loss(input(group.rank)).backward()
      try parallel.reduceGradients()
      let unreached = net.unreached.grad!.array(Float.self)
      return (
        [net.first, net.second].map { $0.grad!.array(Float.self) } + [unreached],
        [parallel.overlap.started, parallel.overlap.of]
      )
    }
  }

  @Test("gradients become the ranks' sums, in many buckets or one", arguments: [0.001, 1])
  func sums(megabytes: Double) throws {
    let expected = Self.expected(3)
    let outcomes = try Self.reduced(3) { $0.bucketMegabytes = megabytes }
    for outcome in outcomes {
      for (a, b) in zip(outcome.gradients, expected) {
        let scale = b.map(abs).max()!
        #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
      }
      #expect(outcome.gradients[2] == Array(repeating: 0, count: 7))
      // The same bits on all ranks.
      #expect(outcome.gradients == outcomes[0].gradients)
    }
  }

  @Test func bucketsOfTheLastLayersStartDuringTheBackwardPass() throws {
    for outcome in try Self.reduced(2) {
      // What the loss does not reach shares its bucket with a part of a layer, and holds up only those behind it.
      #expect(outcome.overlap[1] >= 4 && outcome.overlap[0] >= 1 && outcome.overlap[0] < outcome.overlap[1])
    }
  }

  @Test func bfloat16HalvesTheBytesAndKeepsEightBits() throws {
    let expected = Self.expected(2)
    for outcome in try Self.reduced(2, { $0.compression = .bfloat16 }) {
      for (a, b) in zip(outcome.gradients, expected) {
        let scale = b.map(abs).max()!
        let differences = zip(a, b).map { abs($0 - $1) / scale }
        #expect(differences.max()! < 0.02 && differences.max()! > 1e-5)
      }
    }
  }

  /// Without arming, as in accumulation's inner steps, nothing starts before it is asked for; the sum is of all passes.
  @Test func innerStepsReduceNothing() throws {
    let outcomes = try ProcessGroup.withThreads(2) { group -> ([Float], Int) in
      let net = Net()
      let groups = ParameterGroups.of(net)
      let parallel = DataParallel(group, module: net, groups: groups)
      for group in groups { group.zeroGradients() }
      net.loss(Self.input(group.rank)).backward()
      net.loss(Self.input(group.rank)).backward()
      try parallel.reduceGradients()
      return (net.second.grad!.array(Float.self), parallel.overlap.started)
    }
    let expected = Self.expected(2)[1]
    for (gradients, started) in outcomes {
      #expect(started == 0)
      let scale = expected.map(abs).max()!
      #expect(zip(gradients, expected).allSatisfy { abs($0 - 2 * $1) <= 1e-5 * scale })
    }
  }

  @Test func ranksAgreeOnSumsAlsoWhereOneHasNone() throws {
    let outcomes = try ProcessGroup.withThreads(3) { group -> [Double] in
      let parallel = DataParallel(group, module: Net(), groups: [])
      var found: [Double] = []
      for step in 0..<2 {
        // Rank 1 has no sample at first, and rank 2 raises its flag in the end.
        var sums = StateDict()
        if group.rank != 1 || step == 1 {
          sums["loss"] = Tensor([Float(group.rank)]).reshape([])
          sums["right"] = Tensor([Float(1)]).reshape([])
        }
        let agreed = try parallel.agree(
          sums, numSamples: sums.count, flag: group.rank == 2 && step == 1, device: .cpu)
        found += agreed.sums.entries.map { $0.tensor.item() } + [agreed.numSamples.item(), agreed.flag.item()]
      }
      return found
    }
    #expect(outcomes == Array(repeating: [2, 2, 4, 0, 3, 3, 6, 1], count: 3))
  }
}
