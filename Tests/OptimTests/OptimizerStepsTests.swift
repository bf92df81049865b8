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
