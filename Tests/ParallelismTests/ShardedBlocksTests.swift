import Foundation
import NN
import Optim
import Synchronization
import Testing
import Torch

@testable import Parallelism

/// Blocks of two matrices, one of them behind a bias, with a parameter outside of blocks at both ends.
private final class Tower: Module {
  static let width = 16
  let depth: Int
  private(set) var first = Tensor.zeros([width, width])
  private(set) var last = Tensor.zeros([width])
  private(set) var weights: [Tensor]
  private(set) var biases: [Tensor]

  init(depth: Int) {
    self.depth = depth
    weights = (0..<depth).map { Self.random([Self.width, Self.width], seed: 10 + $0) }
    biases = (0..<depth).map { Self.random([Self.width], seed: 100 + $0) }
    first = Self.random([Self.width, Self.width], seed: 1)
    last = Self.random([Self.width], seed: 2)
  }

  private static func random(_ shape: [Int], seed: Int) -> Tensor {
    let tensor = withoutGrad { Tensor.randn(shape, generator: Generator(seed: UInt64(seed))) * 0.3 }
    tensor.requiresGrad = true
    return tensor
  }

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("first", &first)
    for index in 0..<depth {
      visitor.parameter("blocks.\(index).weight", &weights[index])
      visitor.parameter("blocks.\(index).bias", &biases[index])
    }
    visitor.parameter("last", &last)
  }

  /// The loss; `observe` is called in each block, while it computes.
  func loss(
    _ x: Tensor, _ context: ForwardContext, reachingBias: Bool = true, observe: @escaping (Int) -> Void = { _ in }
  ) -> Tensor {
    var x = x.matmul(first)
    for index in 0..<depth {
      x = context.block("blocks.\(index)", x) { [self] x, _ in
        observe(index)
        let y = x.matmul(weights[index])
        return x + (reachingBias ? y + biases[index] : y).gelu()
      }
    }
    return (x * last).sum()
  }

  static func block(of name: String) -> String {
    name.hasPrefix("blocks.") ? name.split(separator: ".").prefix(2).joined(separator: ".") : ""
  }
}

@Suite struct ShardedBlocksTests {
  private static func input(_ rank: Int) -> Tensor {
    Tensor.randn([5, Tower.width], generator: Generator(seed: UInt64(10 + rank)))
  }

  /// A rank's tower and what shares it out.
  private struct Rank {
    let tower: Tower
    let parallel: DataParallel
    var context = ForwardContext.training

    init(_ group: ProcessGroup, zero: Int, depth: Int = 4, _ change: (inout DataParallel.Options) -> Void = { _ in }) {
      tower = Tower(depth: depth)
      let groups = ParameterGroups.of(tower, block: Tower.block, numShards: group.size)
      var options = DataParallel.Options()
      options.zero = zero
      change(&options)
      parallel = DataParallel(group, module: tower, groups: groups, options: options)
      context.blockMemory = parallel.blockMemory
      parallel.beginStep()
    }

    func pass(_ x: Tensor?, reachingBias: Bool = true) throws {
      parallel.beginPass(isLast: true)
      if let x { tower.loss(x, context, reachingBias: reachingBias).backward() }
      try parallel.endPass(hasSamples: x != nil)
      try parallel.reduceGradients()
    }

    /// The sums of all ranks by parameter, gathered.
    func gradients() throws -> [String: [Float]] {
      var found: [String: [Float]] = [:]
      for own in parallel.groups {
        let whole = Tensor.zeros([own.values.count])
        try own.shard?.gather(own.ownGradients, whole)
        for entry in own.named(whole) { found[entry.name] = entry.tensor.array() }
      }
      return found
    }
  }

  private static func expectClose(_ found: [String: [Float]], _ expected: [String: [Float]]) {
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, values) in expected {
      let scale = max(values.map(abs).max()!, 1e-6)
      #expect(zip(found[name]!, values).allSatisfy { abs($0 - $1) <= 1e-5 * scale }, "\(name)")
    }
  }

  private static func expected(_ inputs: [Tensor], reachingBias: Bool = true) -> [String: [Float]] {
    let tower = Tower(depth: 4)
    for x in inputs { tower.loss(x, .training, reachingBias: reachingBias).backward() }
    return Dictionary(
      uniqueKeysWithValues: tower.namedParameters.map {
        ($0.name, $0.tensor.grad?.array() ?? Array(repeating: 0, count: $0.tensor.count))
      })
  }

  @Test("slices of the gradients add up the ranks' passes", arguments: [2, 3], [false, true])
  func sums(zero: Int, checkpoints: Bool) throws {
    let expected = Self.expected((0..<3).flatMap { [Self.input($0), Self.input($0 + 5)] })
    let outcomes = try ProcessGroup.withThreads(3) { group -> ([String: [Float]], [Int]) in
      var rank = Rank(group, zero: zero)
      rank.context.checkpointsActivations = checkpoints
      try rank.pass(Self.input(group.rank))
      try rank.pass(Self.input(group.rank + 5))
      return (try rank.gradients(), [rank.parallel.overlap.started, rank.parallel.overlap.of])
    }
    for (gradients, overlap) in outcomes {
      Self.expectClose(gradients, expected)
      // All blocks' sums start within the backward pass, that of the rest behind it.
      #expect(overlap == [4, 5])
    }
  }

  /// The collectives of all ranks have to match, whatever a rank computes.
  @Test(arguments: [2, 3]) func ranksWithoutSamplesTakePart(zero: Int) throws {
    let outcomes = try ProcessGroup.withThreads(3) { group -> [String: [Float]] in
      let rank = Rank(group, zero: zero)
      for pass in 0..<3 { try rank.pass(pass == group.rank ? nil : Self.input(group.rank)) }
      return try rank.gradients()
    }
    let expected = Self.expected((0..<3).flatMap { [Self.input($0), Self.input($0)] })
    for outcome in outcomes { Self.expectClose(outcome, expected) }
  }

  @Test(arguments: [2, 3]) func whatTheLossDoesNotReachHoldsUpNobody(zero: Int) throws {
    let outcomes = try ProcessGroup.withThreads(2) { group -> [String: [Float]] in
      let rank = Rank(group, zero: zero)
      try rank.pass(group.rank == 0 ? Self.input(0) : nil, reachingBias: false)
      return try rank.gradients()
    }
    let expected = Self.expected([Self.input(0)], reachingBias: false)
    #expect(expected["blocks.2.bias"] == Array(repeating: 0, count: Tower.width))
    for outcome in outcomes { Self.expectClose(outcome, expected) }
  }

  @Test func memoryBetweenPassesIsThatOfTheSlices() throws {
    let numBlocks = 4
    let sizes = try ProcessGroup.withThreads(2) { group -> [[Int]] in
      try [2, 3].map { zero in
        let rank = Rank(group, zero: zero, depth: numBlocks)
        try rank.pass(Self.input(group.rank))
        return rank.parallel.groups.map { own in
          [own.values, own.gradients].map(\.storageByteCount).reduce(0, +)
        }
      }
    }
    for rank in sizes {
      // Values whole, gradients gone; of blocks in stage 3, both.
      #expect(rank[0].allSatisfy { $0 == ParameterGroup.rowLength * 2 * 4 })
      #expect(rank[1].filter { $0 == 0 }.count == 2 * numBlocks && rank[1].count == 2 * numBlocks + 2)
    }
  }

  /// Whoever waits for a sum hears of another rank's failure while that rank is still there.
  @Test(arguments: [2, 3]) func aRankThatFailsByItselfIsHeardOf(zero: Int) throws {
    let hasHeard = Mutex(false)
    let outcomes = try ProcessGroup.outcomesOfThreads(2, timeout: 20) { group -> Bool in
      let rank = Rank(group, zero: zero)
      guard group.rank == 0 else {
        group.announceFailure("no space left", code: 1)
        for _ in 0..<100 where !hasHeard.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.1) }
        return hasHeard.withLock { $0 }
      }
      do { try rank.pass(Self.input(0)) } catch {
        hasHeard.withLock { $0 = true }
        throw error
      }
      return false
    }
    #expect(throws: CollectiveError.otherRank(1, reason: "no space left", code: 1)) { try outcomes[0].get() }
    #expect(try outcomes[1].get())
  }

  /// The block at hand and its neighbour, and no other, have weights; in the backward pass, where each is computed again,
  /// also gradients, those of the one behind it still being summed.
  @Test func twoBlocksAreWholeAtATime() throws {
    let outcomes = try ProcessGroup.withThreads(2) { group -> [[[Bool]]] in
      var rank = Rank(group, zero: 3, depth: 5)
      rank.context.checkpointsActivations = true
      var seen: [[[Bool]]] = []
      let blocks = (0..<5).map { index in rank.parallel.groups.first { $0.block == "blocks.\(index)" }! }
      rank.parallel.beginPass(isLast: true)
      rank.tower.loss(Self.input(group.rank), rank.context) { _ in
        seen.append([blocks.map { $0.values.storageByteCount > 0 }, blocks.map { $0.gradients.storageByteCount > 0 }])
      }.backward()
      try rank.parallel.endPass(hasSamples: true)
      return seen
    }
    func places(_ list: [Bool]) -> [Int] { list.indices.filter { list[$0] } }
    for seen in outcomes {
      #expect(
        seen.map { places($0[0]) } == [
          [0, 1], [1, 2], [2, 3], [3, 4], [4], [3, 4], [2, 3], [1, 2], [0, 1], [0],
        ])
      #expect(seen.map { places($0[1]) } == [[], [], [], [], [], [4], [3, 4], [2, 3], [1, 2], [0, 1]])
    }
  }

  /// Values that were made whole, and changed, are what the next pass computes with.
  @Test func changedValuesAreTakenOver() throws {
    let outcomes = try ProcessGroup.withThreads(2) { group -> [[Float]] in
      let rank = Rank(group, zero: 3)
      try rank.pass(Self.input(0))
      try rank.parallel.holdValues()
      let before = rank.tower.weights[2].array(Float.self)
      withoutGrad { _ = rank.tower.weights[2].mul_(2) }
      rank.parallel.beginStep()
      try rank.pass(Self.input(0))
      try rank.parallel.holdValues()
      return [before, rank.tower.weights[2].array()]
    }
    let original = Tower(depth: 4).weights[2].array(Float.self)
    for outcome in outcomes {
      #expect(outcome[0] == original)
      #expect(outcome[1] == original.map { 2 * $0 })
    }
  }

  @Test func bfloat16KeepsEightBits() throws {
    let expected = Self.expected([Self.input(0), Self.input(1)])["blocks.1.weight"]!
    let outcomes = try ProcessGroup.withThreads(2) { group -> [Float] in
      let rank = Rank(group, zero: 3) { $0.compression = .bfloat16 }
      try rank.pass(Self.input(group.rank))
      return try rank.gradients()["blocks.1.weight"]!
    }
    let scale = expected.map(abs).max()!
    for outcome in outcomes {
      let difference = zip(outcome, expected).map { abs($0 - $1) / scale }.max()!
      #expect(difference < 0.02 && difference > 1e-5)
    }
  }

  /// The norm of slices is that of the whole, on every rank.
  @Test func normsAreOfAllSlices() throws {
    let all = Self.expected([Self.input(0), Self.input(1)]).values.flatMap { $0 }
    let expected = all.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let norms = try ProcessGroup.withThreads(2) { group -> Double in
      let rank = Rank(group, zero: 2)
      try rank.pass(Self.input(group.rank))
      return GradientClipping.globalNorm(rank.parallel.groups).item()
    }
    for norm in norms { #expect(abs(norm / expected - 1) < 1e-6) }
  }

  /// Steps of copies on the host are those of the values themselves, to the bit.
  @Test(arguments: [1, 2], [0, 1, 3]) func offloadedStepsAreTheSame(ranks: Int, zero: Int) throws {
    let outcomes = try ProcessGroup.withThreads(ranks) { group -> [[Float]] in
      try [false, true].map { offloads in
        let rank = Rank(group, zero: zero) { $0.offloadOptimizer = offloads }
        let optimizer = Lamb(rank.parallel.groups)
        // As a checkpoint that is loaded behind the set-up.
        try rank.parallel.holdValues()
        withoutGrad { for entry in rank.tower.namedParameters { _ = entry.tensor.mul_(0.5) } }
        for step in 0..<3 {
          rank.parallel.beginStep()
          try rank.pass(Self.input(group.rank + step))
          try rank.parallel.prepareStep()
          let divisor = rank.parallel.forStep(Tensor.full([], 2))
          optimizer.step(learningRate: 0.01, gradientDivisor: divisor, foundInf: nil)
          try rank.parallel.gatherValues()
          optimizer.zeroGrad()
        }
        try rank.parallel.holdValues()
        return rank.tower.namedParameters.flatMap { $0.tensor.array(Float.self) }
      }
    }
    let start = Tower(depth: 4).namedParameters.flatMap { $0.tensor.array(Float.self) }
    for outcome in outcomes {
      #expect(outcome[0] == outcome[1])
      #expect(zip(outcome[0], start).contains { abs($0 - 0.5 * $1) > 1e-3 })
    }
  }
}
