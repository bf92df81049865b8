import NN
import TestSupport
import Testing
import Torch

@testable import Optim

/// The kernels over flat memory: against the same by libtorch's own operators, on any number of threads, and over slices.
@Suite(.serialized) struct FlatKernelTests {
  /// Parameters of several chunks, of parts of one, and of lengths that are no multiple of anything.
  private final class Long: Module {
    var parameters: [NamedTensor]

    init() {
      parameters = [[131, 257], [67], [3, 5], [40_001], [96, 3, 7, 7]].enumerated().map { index, shape in
        let count = shape.reduce(1, *)
        let wave = Tensor.arange(0, count, dtype: .float32) * (0.37 + Double(index))
        // Growing along the way, so that the norm of a part says nothing about that of the rest.
        let tensor = (wave.sin() * Tensor.linspace(0, 0.2, steps: count)).view(shape)
        tensor.requiresGrad = true
        return NamedTensor("p\(index)", tensor)
      }
    }

    func visit(_ visitor: inout ParameterVisitor) {
      for index in parameters.indices {
        var tensor = parameters[index].tensor
        visitor.parameter(parameters[index].name, &tensor)
        parameters[index] = NamedTensor(parameters[index].name, tensor)
      }
    }

    func setGradients(_ step: Int) {
      for (index, entry) in parameters.enumerated() {
        let wave = Tensor.arange(0, entry.tensor.count, dtype: .float32) * (0.11 + Double(step)) + Double(index)
        entry.tensor.grad = (wave.cos() * (step == 1 ? 3 : 0.02)).view(entry.tensor.shape)
      }
    }
  }

  private func end(
    _ options: any OptimizerOptions, plain: Bool = false, learningRate: Double = 0.01
  ) -> [NamedTensor] {
    let model = Long()
    let optimizer = options.makeOptimizer(ParameterGroups.of(model))
    if plain { optimizer.usePlainOperators() }
    for step in 0..<3 {
      model.setGradients(step)
      optimizer.step(learningRate: learningRate, gradientDivisor: .full([], 1.5), foundInf: .full([], 0))
    }
    return model.parameters.map { NamedTensor($0.name, $0.tensor.detach()) } + optimizer.state.tensors.entries
  }

  @Test(arguments: StepCase.all) func kernelsAreTheOperators(_ test: StepCase) {
    for (kernel, plain) in zip(end(test.options), end(test.options, plain: true)) {
      expectClose(kernel.tensor, plain.tensor, tolerance: 1e-5, "\(test.name) \(kernel.name)")
    }
    // What another rate makes of them is further away.
    let others = zip(end(test.options), end(test.options, plain: true, learningRate: 0.02))
    #expect(others.contains { maxRelativeDifference($0.0.tensor, $0.1.tensor) > 1e-4 })
  }

  @Test(arguments: StepCase.all) func threadsChangeNoBit(_ test: StepCase) {
    let numThreads = Runtime.numThreads
    defer { Runtime.numThreads = numThreads }
    func bits(_ threads: Int) -> [[Double]] {
      Runtime.numThreads = threads
      return end(test.options).map { $0.tensor.doubles() }
    }
    let one = bits(1)
    for threads in [2, 3, 5] { #expect(bits(threads) == one) }
  }

  /// Steps of two halves, each of which knows its own sums and gets those of the other through the hook.
  private func halves<Kind: Optimizer>(
    plain: Bool, share: Bool, _ make: ([ParameterGroup]) -> Kind
  ) -> [[Double]] {
    let model = Long()
    let groups = ParameterGroups.of(model)
    var hooks: [(Tensor) -> Void] = [{ _ in }, { _ in }]
    // Within a parameter, at a multiple of 64 bytes.
    func half(_ index: Int) -> Kind {
      make(
        groups.map { group in
          let (cut, end) = (group.values.count / 32 * 16, group.values.count)
          var group = group
          group.shard = .init(range: index == 0 ? 0..<cut : cut..<end) { hooks[index]($0) }
          return group
        })
    }
    let (first, second) = (half(0), half(1))
    for half in [first, second] where plain { half.usePlainOperators() }
    for step in 0..<3 {
      model.setGradients(step)
      var sums: [Tensor] = []
      // The second half steps when the first asks for sums for the last time; before that its own sums are asked for.
      hooks[0] = { own in
        sums.append(own)
        guard share else { return }
        if sums.count == 1 {
          var numAsked = 0
          hooks[1] = { other in
            numAsked += 1
            own.add_(other)
            other.copy_(own)
          }
          second.step(learningRate: 0.01, gradientDivisor: .full([], 1.5), foundInf: nil)
          #expect(numAsked == 1)
        }
      }
      first.step(learningRate: 0.01, gradientDivisor: .full([], 1.5), foundInf: nil)
      #expect(sums.count == 1)
      if !share {
        hooks[1] = { _ in }
        second.step(learningRate: 0.01, gradientDivisor: .full([], 1.5), foundInf: nil)
      }
    }
    return model.parameters.map { $0.tensor.doubles() }
  }

  private func whole(_ options: any OptimizerOptions, plain: Bool) -> [Tensor] {
    end(options, plain: plain).prefix(5).map(\.tensor)
  }

  private func expectSame(_ found: [[Double]], _ expected: [Tensor], _ isSame: Bool) {
    let differences = zip(found, expected).map { maxRelativeDifference(Tensor($0, shape: $1.shape), $1) }
    #expect(
      differences.allSatisfy { $0 < 1e-6 } == isSame && differences.allSatisfy { $0 < 1e-6 || $0 > 1e-4 },
      "\(differences)")
  }

  @Test(arguments: [false, true]) func twoHalvesOfLambAreTheWhole(_ plain: Bool) {
    var options = Lamb.Options()
    options.weightDecay = 0.1
    for share in [true, false] {
      let found = halves(plain: plain, share: share) { Lamb($0, options: options) }
      expectSame(found, whole(options, plain: plain), share)
    }
  }

  @Test(arguments: [false, true]) func twoHalvesOfLarsAreTheWhole(_ plain: Bool) {
    var options = Lars.Options()
    (options.weightDecay, options.trustCoefficient) = (0.1, 0.5)
    for share in [true, false] {
      let found = halves(plain: plain, share: share) { Lars($0, options: options) }
      expectSame(found, whole(options, plain: plain), share)
    }
  }

  /// Where the step clips gradients itself, it asks for their sums first.
  @Test func aSliceThatClipsAsksTwice() {
    let model = Long()
    let groups = ParameterGroups.of(model)
    var asked: [[Int]] = []
    let halves = groups.map { group in
      var group = group
      group.shard = .init(range: 0..<group.values.count / 32 * 16) { asked.append($0.shape) }
      return group
    }
    let optimizer = Lamb(halves, options: .init(.timm))
    model.setGradients(1)
    optimizer.step(learningRate: 0.01)
    #expect(asked == [[1, 5], [2, 5]])
  }
}
