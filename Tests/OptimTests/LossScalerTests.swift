import Foundation
import NN
import Optim
import TestSupport
import Testing
import Torch

/// The factor of the loss against PyTorch's GradScaler, and against the rule with hysteresis value by value.
@Suite struct LossScalerTests {
  /// A sequence of overflows and what GradScaler made of it.
  private struct Recorded: Decodable {
    let initial: Double
    let growth: Double
    let backoff: Double
    let interval: Int
    let overflows: [Bool]
    let scales: [Double]
    let skipped: [Bool]
  }

  private func recorded() throws -> [Recorded] {
    try JSONDecoder().decode([Recorded].self, from: Fixture.data("loss_scale.json"))
  }

  private func options(_ run: Recorded) -> LossScaler.Options {
    var options = LossScaler.Options(.torch)
    options.initial = run.initial
    options.growth = run.growth
    options.backoff = run.backoff
    options.interval = run.interval
    options.minimum = 1e-30
    return options
  }

  private func scales(_ options: LossScaler.Options, _ overflows: [Bool]) -> [Double] {
    let scaler = LossScaler(options)
    return overflows.map { overflow in
      scaler.update(foundInf: .full([], overflow ? 1 : 0))
      return scaler.scale.item()
    }
  }

  @Test func theScalesArePyTorchs() throws {
    for run in try recorded() {
      #expect(run.overflows.count == 345 && Set(run.scales).count > 10)
      let own = scales(options(run), run.overflows)
      #expect(zip(own, run.scales).allSatisfy { abs($0 - $1) <= 1e-6 * $1 })
      // Planted faults: an interval one longer, a count that an overflow does not reset, hysteresis.
      var late = options(run)
      late.interval = run.interval + 1
      #expect(scales(late, run.overflows) != own)
      var patient = options(run)
      patient.hysteresis = 2
      #expect(scales(patient, run.overflows) != own)
    }
  }

  /// Scaling, dividing, stepping, following: the steps that are skipped, and the weight, are GradScaler's.
  @Test func theSkippedStepsArePyTorchs() throws {
    for run in try recorded() {
      let toy = Weight()
      let scaler = LossScaler(options(run))
      var plain = SGD.Options()
      plain.momentum = 0
      let optimizer = SGD(ParameterGroups.of(toy), options: plain)
      var skipped: [Bool] = []
      for overflow in run.overflows {
        let before = toy.weight.doubles()
        scaler.scaled((toy.weight * (overflow ? .infinity : 1)).sum()).backward()
        let norm = GradientClipping.globalNorm(optimizer.groups)
        let foundInf = norm.isFinite().logicalNot().to(.float32)
        optimizer.step(learningRate: 0.125, gradientDivisor: scaler.scale, foundInf: foundInf)
        scaler.update(foundInf: foundInf)
        optimizer.zeroGrad()
        skipped.append(toy.weight.doubles() == before)
      }
      #expect(skipped == run.skipped && skipped == run.overflows)
      // Steps by 1 x 0.125 from 1, whatever the scale.
      let good = run.overflows.filter { !$0 }.count
      #expect(toy.weight.doubles() == Array(repeating: 1 - 0.125 * Double(good), count: 3))
    }
  }

  /// Colossal-AI's rule: the second overflow since the last growth lowers the scale, and so does every one after it;
  /// good steps in between forgive nothing, growth does.
  @Test func hysteresis() {
    var options = LossScaler.Options(.colossal)
    options.initial = 64
    options.interval = 3
    let steps: [(overflow: Bool, scale: Double)] = [
      (true, 64), (false, 64), (false, 64), (true, 32), (true, 16), (false, 16), (false, 16), (true, 8),
      (false, 8), (false, 8), (false, 16), (true, 16), (false, 16), (true, 8), (false, 8), (false, 8), (false, 16),
      (false, 16), (false, 16), (false, 32),
    ]
    #expect(scales(options, steps.map(\.overflow)) == steps.map(\.scale))
    // With a count that a good step forgives the fourth step would change nothing.
    options.hysteresis = 1
    #expect(scales(options, steps.map(\.overflow)) != steps.map(\.scale))
  }

  @Test func presets() {
    #expect(LossScaler().scale.item() == 65536)
    let good = Array(repeating: false, count: 2000)
    #expect(scales(.init(.torch), good).firstIndex(of: 131072) == 1999)
    #expect(scales(.init(.colossal), good).firstIndex(of: 131072) == 999)
    #expect(scales(.init(.torch), [true]) == [32768] && scales(.init(.colossal), [true, true]) == [65536, 32768])
  }

  @Test func theScaleStaysBetweenItsMinimumAndInfinity() {
    var options = LossScaler.Options()
    options.initial = 3e38
    options.interval = 1
    #expect(scales(options, [false, false]).allSatisfy { abs($0 / 3e38 - 1) < 1e-6 })
    options.initial = 4
    options.minimum = 1.5
    #expect(scales(options, [true, true, true]) == [2, 1.5, 1.5])
  }

  /// A state taken over at any step leads on to the states of a scaler that was never interrupted.
  @Test func theStateIsAll() throws {
    var options = LossScaler.Options(.colossal)
    options.interval = 5
    let overflows = try recorded()[0].overflows
    let whole = LossScaler(options)
    var states = [whole.state.cloned()]
    for overflow in overflows {
      whole.update(foundInf: .full([], overflow ? 1 : 0))
      states.append(whole.state.cloned())
    }
    func values(_ state: StateDict) -> [[Double]] { state.entries.map { $0.tensor.doubles() } }
    // All three numbers change on the way, so that each of them could be forgotten.
    for index in 0..<3 { #expect(Set(states.map { values($0)[index] }).count > 2) }
    for step in overflows.indices {
      let copy = LossScaler(options)
      try copy.load(states[step])
      for later in step..<min(step + 12, overflows.count) {
        copy.update(foundInf: .full([], overflows[later] ? 1 : 0))
        #expect(values(copy.state) == values(states[later + 1]), "from step \(step) to \(later + 1)")
      }
    }
    #expect(throws: StateDictMismatch.self) { try whole.load(StateDict()) }
  }
}

private final class Weight: Module {
  var weight = Tensor.ones([3])
  init() { weight.requiresGrad = true }
  func visit(_ visitor: inout ParameterVisitor) { visitor.parameter("weight", &weight) }
}
