import NN
import Settings
import TestSupport
import Testing
import Torch

@testable import Optim

/// The optimizers on free-standing tensors, against PyTorch's.
@Suite struct OptimizerTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let learningRate: Double
    let options: any OptimizerOptions
    var testDescription: String { name }
  }

  struct Root: Validatable {
    var optimizer = Tagged<OptimizerRegistry>(AdamW.Options())
  }

  static let cases: [Case] = [
    sgd("sgd_plain") { $0.momentum = 0 },
    sgd("sgd_decay") { ($0.momentum, $0.weightDecay) = (0, 0.01) },
    sgd("sgd_momentum") { ($0.momentum, $0.weightDecay) = (0.9, 0.01) },
    sgd("sgd_dampening") { ($0.momentum, $0.dampening) = (0.9, 0.3) },
    sgd("sgd_nesterov") { ($0.momentum, $0.weightDecay, $0.nesterov) = (0.8, 0.01, true) },
    adam("adam") { ($0.beta1, $0.beta2, $0.eps) = (0.8, 0.99, 1e-6) },
    adam("adam_decay") { $0.weightDecay = 0.1 },
    adamW("adamw") { $0.weightDecay = 0.1 },
  ]

  private static func sgd(_ name: String, _ change: (inout SGD.Options) -> Void) -> Case {
    var options = SGD.Options()
    change(&options)
    return Case(name: name, learningRate: 0.1, options: options)
  }

  private static func adam(_ name: String, _ change: (inout Adam.Options) -> Void) -> Case {
    var options = Adam.Options()
    change(&options)
    return Case(name: name, learningRate: 0.05, options: options)
  }

  private static func adamW(_ name: String, _ change: (inout AdamW.Options) -> Void) -> Case {
    var options = AdamW.Options()
    change(&options)
    return Case(name: name, learningRate: 0.05, options: options)
  }

  private func run(_ toy: Toy, _ optimizer: any Optimizer, _ steps: Range<Int>, _ learningRate: Double) {
    for step in steps {
      toy.setGradients(step)
      optimizer.step(learningRate: learningRate * toy.rate(step))
    }
  }

  @Test(arguments: cases) func tenStepsArePyTorchs(_ test: Case) throws {
    let toy = try Toy()
    run(toy, test.options.makeOptimizer(toy.groups), 0..<10, test.learningRate)
    expectClose(toy.a.detach(), toy.fixture["\(test.name).a"], tolerance: 1e-12)
    expectClose(toy.b.detach(), toy.fixture["\(test.name).b"], tolerance: 1e-12)
    // The planted fault: a rate that is off by one in ten thousand.
    let other = try Toy()
    run(other, test.options.makeOptimizer(other.groups), 0..<10, test.learningRate * 1.0001)
    #expect(maxRelativeDifference(other.a.detach(), toy.fixture["\(test.name).a"]!) > 1e-7)
  }

  @Test(arguments: cases) func aResumedRunEndsWithTheSameBits(_ test: Case) throws {
    let whole = try Toy(dtype: .float32)
    run(whole, test.options.makeOptimizer(whole.groups), 0..<10, test.learningRate)

    let first = try Toy(dtype: .float32)
    let optimizer = test.options.makeOptimizer(first.groups)
    run(first, optimizer, 0..<4, test.learningRate)
    let kept = OptimizerState(scalars: optimizer.state.scalars, tensors: optimizer.state.tensors.cloned())
    let weights = first.stateDict.cloned()
    run(first, optimizer, 4..<6, test.learningRate)

    let second = try Toy(dtype: .float32)
    try second.load(weights)
    let resumed = test.options.makeOptimizer(second.groups)
    #expect(try resumed.load(kept).isEmpty)
    run(second, resumed, 4..<10, test.learningRate)
    #expect(second.a.isEqual(to: whole.a) && second.b.isEqual(to: whole.b))

    // Without the state the run ends elsewhere, unless the optimizer has none.
    if !kept.tensors.names.isEmpty {
      let forgetful = try Toy(dtype: .float32)
      try forgetful.load(weights)
      run(forgetful, test.options.makeOptimizer(forgetful.groups), 4..<10, test.learningRate)
      #expect(!forgetful.a.isEqual(to: whole.a))
    }
  }

  @Test(arguments: cases) func infinitiesAreSkipped(_ test: Case) throws {
    let plain = try Toy(dtype: .float32)
    run(plain, test.options.makeOptimizer(plain.groups), 0..<3, test.learningRate)
    let toy = try Toy(dtype: .float32)
    let optimizer = test.options.makeOptimizer(toy.groups)
    for step in 0..<3 {
      let before = toy.stateDict.cloned()
      if step > 0 {
        toy.setGradients(9)
        optimizer.step(learningRate: 1, gradientDivisor: nil, foundInf: Tensor.full([], 1))
        for entry in before.entries { #expect(toy.stateDict[entry.name]!.isEqual(to: entry.tensor)) }
      }
      toy.setGradients(step)
      optimizer.step(
        learningRate: test.learningRate * toy.rate(step), gradientDivisor: nil, foundInf: Tensor.full([], 0))
    }
    expectClose(toy.a.detach(), plain.a.detach(), tolerance: 1e-6)
    expectClose(toy.b.detach(), plain.b.detach(), tolerance: 1e-6)
  }

  /// A gradient that was dropped is 0: without weight decay the parameter stays.
  @Test(arguments: OptimizerRegistry.table.map(\.key)) func droppedGradientsAreZero(_ name: String) throws {
    let options = try OptionsLoader.load(
      Root.self, yaml: "optimizer: {type: \(name), weight_decay: 0}", overrides: []
    ).optimizer.options
    let toy = try Toy()
    let (startA, startB) = (toy.a.detach().clone(), toy.b.detach().clone())
    let optimizer = options.makeOptimizer(toy.groups)
    toy.setGradients(0)
    toy.b.grad = nil
    optimizer.step(learningRate: 0.1)
    #expect(toy.b.isEqual(to: startB) && !toy.a.isEqual(to: startA))
    optimizer.zeroGrad()
    #expect(toy.a.grad?.norm().item() == 0)
  }

  /// Dividing inside the step is as good as dividing before it, in place of which twice as much shows.
  @Test(arguments: cases) func gradientsAreDivided(_ test: Case) throws {
    func end(_ divisor: Double?, _ factor: Double) throws -> Tensor {
      let toy = try Toy()
      let optimizer = test.options.makeOptimizer(toy.groups)
      for step in 0..<3 {
        toy.setGradients(step)
        toy.a.grad = toy.a.grad! * factor
        toy.b.grad = toy.b.grad! * factor
        optimizer.step(
          learningRate: test.learningRate, gradientDivisor: divisor.map { Tensor.full([], $0) }, foundInf: nil)
      }
      return toy.a.detach().clone()
    }
    let plain = try end(nil, 1)
    #expect(try end(8, 8).isEqual(to: plain))
    // Adam's steps hardly depend on the size of gradients, but for eps.
    #expect(try maxRelativeDifference(end(1e4, 1), plain) > 1e-7)
  }

  @Test func whatAStateLacksStartsAnew() throws {
    let toy = try Toy()
    let adam = Adam(toy.groups)
    toy.setGradients(0)
    adam.step(learningRate: 0.1)
    var state = OptimizerState(scalars: adam.state.scalars, tensors: adam.state.tensors.cloned())
    state.tensors["exp_avg.b"] = nil
    state.tensors["exp_avg.gone"] = Tensor.zeros([3])
    #expect(
      try adam.load(state) == [
        "the optimizer's exp_avg of b starts anew: the checkpoint has none",
        "the optimizer's exp_avg of gone is dropped: it is of no use any more",
      ])
    let loaded = adam.state.tensors
    #expect(loaded["exp_avg.b"]!.norm().item() == 0 && loaded["exp_avg_sq.b"]!.norm().item() > 0)
    #expect(loaded["exp_avg.a"]!.isEqual(to: state.tensors["exp_avg.a"]!) && loaded["step"]!.item() == 1)
    // Momentum that is turned on, and off again.
    var options = SGD.Options()
    let momentum = SGD(toy.groups, options: options)
    options.momentum = 0
    let plain = SGD(toy.groups, options: options)
    #expect(
      try momentum.load(plain.state) == [
        "the optimizer's momentum of 2 parameters (a, ...) starts anew: the checkpoint has none"
      ])
    #expect(
      try plain.load(momentum.state) == [
        "the optimizer's momentum of 2 parameters (a, ...) is dropped: it is of no use any more"
      ])
  }

  @Test func otherStatesAreRefused() throws {
    let toy = try Toy()
    let sgd = SGD(toy.groups)
    let adam = Adam(toy.groups)
    #expect(throws: OptimizerStateMismatch(expected: "sgd", found: "adam")) { try sgd.load(adam.state) }
    var state = adam.state
    state.tensors["exp_avg.a"] = Tensor.zeros([2])
    #expect(throws: StateDictMismatch.self) { try adam.load(state) }
  }

  @Test func aParameterInTwoGroupsTraps() async {
    await #expect(processExitsWith: .failure) {
      let toy = try Toy()
      _ = SGD(toy.groups + toy.groups)
    }
  }

  @Test func optionsAreReadAndChecked() throws {
    let root = try OptionsLoader.load(Root.self, yaml: "optimizer: {type: sgd, nesterov: true}", overrides: [])
    #expect((root.optimizer.options as? SGD.Options)?.nesterov == true)
    #expect(throws: OptionsError.self) {
      try OptionsLoader.load(Root.self, yaml: "optimizer: {type: sgd, momentum: 0, nesterov: true}", overrides: [])
    }
    #expect(throws: OptionsError.self) {
      try OptionsLoader.load(Root.self, yaml: "optimizer: {beta1: 1}", overrides: [])
    }
    let lamb = try OptionsLoader.load(
      Root.self, yaml: "optimizer: {type: lamb, variant: timm, bias_correction: false, adapt: all}", overrides: [])
    #expect(
      (lamb.optimizer.options as? Lamb.Options)?.rules
        == Lamb.Options.Rules(
          biasCorrection: false, adapt: .all, decayAll: false, maxGradNorm: 1))
  }

  @Test(arguments: [
    ("lamb, variant: apex", "variant"), ("lamb, eps: 0", "eps"), ("lamb, max_grad_norm: -1", "max_grad_norm"),
    ("lamb, adapt: biases", "adapt"), ("lars, nesterov: true, dampening: 0.1", "nesterov"),
    ("lars, trust_coefficient: 0", "trust_coefficient"), ("lars, momentum: 1", "momentum"),
    ("lion, beta2: 1", "beta2"), ("lion, eps: 1e-8", "eps"), ("nadamw, weight_decay: -1", "weight_decay"),
    ("adan, beta3: 1.5", "beta3"), ("adan, eps: .nan", "eps"), ("adafactor, decay_rate: 0", "decay_rate"),
    ("adafactor, min_dim_size_to_factor: 1", "min_dim_size_to_factor"),
    ("adafactor, clipping_threshold: 0", "clipping_threshold"), ("muon, ns_steps: 100", "ns_steps"),
    ("muon, adjust_lr: spectral", "adjust_lr"), ("muon, precision: float16", "precision"),
    ("muon, adamw_lr_scale: .inf", "adamw_lr_scale"),
  ]) func whatCannotBeIsRefused(_ settings: String, _ key: String) {
    let error = #expect(throws: OptionsError.self) {
      try OptionsLoader.load(Root.self, yaml: "optimizer: {type: \(settings)}", overrides: [])
    }
    #expect(error?.issues.map(\.path) == ["optimizer.\(key)"])
  }
}
