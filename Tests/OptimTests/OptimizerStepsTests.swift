import NN
import TestSupport
import Testing
import Torch

@testable import Optim

/// Every step of the optimizers for large batches, parameters and states, against the published implementations.
@Suite struct OptimizerStepsTests {
  private func run(
    _ toy: StepToy, _ optimizer: any Optimizer, _ steps: Range<Int>, _ learningRate: Double,
    _ body: (Int) -> Void = { _ in }
  ) {
    for step in steps {
      toy.setGradients(step)
      optimizer.step(learningRate: learningRate * toy.rate(step))
      body(step)
    }
  }

  /// Parameters and states by the names of the fixture.
  private func named(_ toy: StepToy, _ optimizer: any Optimizer) -> [NamedTensor] {
    toy.namedParameters.map { NamedTensor("value.\($0.name)", $0.tensor.detach()) }
      + optimizer.state.tensors.entries.filter { $0.name != "step" }.map { entry in
        let isMomentum = entry.name.hasPrefix("momentum.")
        return NamedTensor(isMomentum ? "momentum_buffer.\(entry.name.dropFirst(9))" : entry.name, entry.tensor)
      }
  }

  @Test(arguments: StepCase.all) func allStepsAreThePublishedOnes(_ test: StepCase) throws {
    func differences(_ options: any OptimizerOptions) throws -> [String: Double] {
      let toy = try StepToy()
      let optimizer = options.makeOptimizer(toy.groups)
      var worst: [String: Double] = [:]
      run(toy, optimizer, 0..<StepToy.numSteps, test.learningRate) { step in
        for entry in named(toy, optimizer) {
          let expected = toy.fixture["\(test.name).\(entry.name)"].map { $0.select(0, step) }
          let difference = expected.map { maxRelativeDifference(entry.tensor, $0) } ?? .infinity
          worst[entry.name] = max(worst[entry.name] ?? 0, difference)
        }
      }
      return worst
    }
    let found = try differences(test.options)
    #expect(found.filter { $0.value > 1e-12 }.isEmpty)
    // Nothing of the fixture is left over.
    let names = try StepToy().fixture.dropping(prefix: "\(test.name).").names
    #expect(names.count >= 5 && Set(found.keys) == Set(names))
    // The planted fault.
    #expect(try differences(test.faulty).values.contains { $0 > 1e-4 })
  }

  @Test(arguments: StepCase.all) func aResumedRunEndsWithTheSameBits(_ test: StepCase) throws {
    let whole = try StepToy(dtype: .float32)
    let uninterrupted = test.options.makeOptimizer(whole.groups)
    run(whole, uninterrupted, 0..<10, test.learningRate)

    let first = try StepToy(dtype: .float32)
    let optimizer = test.options.makeOptimizer(first.groups)
    run(first, optimizer, 0..<4, test.learningRate)
    let kept = OptimizerState(scalars: optimizer.state.scalars, tensors: optimizer.state.tensors.cloned())
    let weights = first.stateDict.cloned()
    run(first, optimizer, 4..<6, test.learningRate)

    let second = try StepToy(dtype: .float32)
    try second.load(weights)
    let resumed = test.options.makeOptimizer(second.groups)
    #expect(try resumed.load(kept).isEmpty)
    #expect(kept.scalars.type == resumed.state.scalars.type && kept.scalars.numSteps == 4)
    run(second, resumed, 4..<10, test.learningRate)
    #expect(values(named(second, resumed)) == values(named(whole, uninterrupted)))

    // Without the state the run ends elsewhere, unless the optimizer has none.
    let forgetful = try StepToy(dtype: .float32)
    try forgetful.load(weights)
    let forgetting = test.options.makeOptimizer(forgetful.groups)
    run(forgetful, forgetting, 4..<10, test.learningRate)
    #expect((values(named(forgetful, forgetting)) == values(named(whole, uninterrupted))) == kept.tensors.isStateless)
  }

  private func values(_ entries: [NamedTensor]) -> [[Double]] { entries.map { $0.tensor.doubles() } }

  /// A step that found infinities changes nothing, and the next one is as if it had not been.
  @Test(arguments: StepCase.all, [false, true]) func infinitiesAreSkipped(_ test: StepCase, _ plain: Bool) throws {
    func end(skipping: Bool) throws -> [[Double]] {
      let toy = try StepToy(dtype: .float32)
      let optimizer = test.options.makeOptimizer(toy.groups)
      if plain { optimizer.usePlainOperators() }
      for step in 0..<4 {
        if skipping {
          let before = values(named(toy, optimizer))
          let count = optimizer.state.tensors["step"]?.item()
          toy.setGradients(step, times: step % 2 == 0 ? .nan : .infinity)
          optimizer.step(learningRate: 1, gradientDivisor: .full([], .infinity), foundInf: .full([], 1))
          #expect(values(named(toy, optimizer)) == before && optimizer.state.tensors["step"]?.item() == count)
        }
        toy.setGradients(step)
        optimizer.step(learningRate: test.learningRate, gradientDivisor: nil, foundInf: .full([], 0))
      }
      return values(named(toy, optimizer))
    }
    #expect(try end(skipping: true) == end(skipping: false))
  }

  @Test(arguments: StepCase.all, [false, true]) func gradientsAreDivided(_ test: StepCase, _ plain: Bool) throws {
    func end(_ divisor: Double?, _ factor: Double) throws -> [[Double]] {
      let toy = try StepToy()
      let optimizer = test.options.makeOptimizer(toy.groups)
      if plain { optimizer.usePlainOperators() }
      for step in 0..<3 {
        toy.setGradients(step, times: factor)
        optimizer.step(
          learningRate: test.learningRate, gradientDivisor: divisor.map { Tensor.full([], $0) }, foundInf: nil)
      }
      return values(named(toy, optimizer))
    }
    let plainEnd = try end(nil, 1)
    #expect(try end(8, 8) == plainEnd)
    #expect(try end(4, 8) != plainEnd)
  }
}

/// What Muon does beside its fixture.
@Suite struct MuonTests {
  private func matrix(_ rows: Int, _ columns: Int) -> Tensor {
    (Tensor.arange(0, rows * columns, dtype: .float32) * 0.7).sin().view([rows, columns])
  }

  /// The iteration brings all singular values near 1, in bfloat16 too; rows against rows of a wide matrix show it.
  @Test(arguments: [Muon.Precision.full, .bfloat16]) func updatesAreNearlyOrthogonal(_ precision: Muon.Precision) {
    var options = Muon.Options()
    (options.precision, options.weightDecay, options.adjustLr) = (precision, 0, .original)
    func product(_ steps: Int) -> Tensor {
      options.nsSteps = steps
      let weight = Tensor.zeros([4, 6])
      let optimizer = Muon([ParameterGroup([NamedTensor("weight", weight)])], options: options)
      weight.grad = matrix(4, 6) + Tensor(stride(from: Float(0), to: 2.4, by: 0.1).map { $0 }, shape: [4, 6])
      optimizer.step(learningRate: 1)
      return weight.matmul(weight.transpose(0, 1))
    }
    let squares = product(5)
    for row in 0..<4 {
      #expect((0.4...1.6).contains(squares.select(0, row).select(0, row).item()))
    }
    // Before the iteration the smallest is far from it.
    let early = product(1)
    #expect((0..<4).contains { !(0.4...1.6).contains(early.select(0, $0).select(0, $0).item()) })
  }

  @Test func whatIsAHiddenMatrix() {
    let names = [("blocks.0.attn.qkv.weight", [6, 2]), ("head.weight", [6, 2]), ("head_dist.weight", [3, 2])]
    let others = [("patch_embed.proj.weight", [2, 3, 4, 4]), ("pos_embed", [1, 5, 2]), ("norm.bias", [2])]
    let found = (names + others).filter { Muon.isHiddenMatrix(NamedTensor($0.0, .zeros($0.1))) }
    #expect(found.map(\.0) == ["blocks.0.attn.qkv.weight"])
  }

  /// Only what needs whole parameters says so.
  @Test func sharding() {
    let whole: [any Optimizer.Type] = [Muon.self, Adafactor.self]
    let any: [any Optimizer.Type] = [SGD.self, AdamW.self, Lamb.self, Lars.self, Lion.self, NAdamW.self, Adan.self]
    #expect(whole.allSatisfy { $0.needsWholeParameters } && !any.contains { $0.needsWholeParameters })
  }
}

extension StateDict {
  /// Whether there is nothing but a count of steps.
  fileprivate var isStateless: Bool { names.allSatisfy { $0 == "step" } }
}

extension Optimizer {
  /// Takes the path of devices that have no kernel.
  func usePlainOperators() {
    let memory = Mirror(reflecting: self).children.first { $0.label == "memory" }?.value as? OptimizerMemory
    memory!.usesPlainOperators = true
  }
}
