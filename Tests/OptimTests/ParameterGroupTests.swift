import NN
import Optim
import Testing
import Torch

/// Names and ranks like those of a Vision Transformer.
private final class Sample: Module {
  var clsToken = Tensor.parameter([1, 1, 4])
  var positions = Tensor.parameter([1, 5, 4])
  var frozen = Tensor.parameter([2, 2])
  let norm = LayerNorm(4)
  let head = Linear(4, 2)

  init() { frozen.requiresGrad = false }

  func visit(_ visitor: inout ParameterVisitor) {
    visitor.parameter("cls_token", &clsToken)
    visitor.parameter("pos_embed", &positions)
    visitor.parameter("frozen", &frozen)
    visitor.submodule("norm", norm)
    visitor.submodule("head", head)
  }
}

@Suite struct ParameterGroupTests {
  @Test func biasesNormsAndTokensDoNotDecay() {
    let groups = ParameterGroups.of(Sample())
    #expect(groups.map(\.weightDecayScale) == [0, 1])
    #expect(
      groups.map { $0.parameters.map(\.name) } == [
        ["cls_token", "pos_embed", "norm.weight", "norm.bias", "head.bias"], ["head.weight"],
      ])
    #expect(ParameterGroups.of(Sample(), exemptingFromDecay: false).count == 1)
  }

  @Test func everyTrainedParameterIsInOneGroup() {
    let sample = Sample()
    let groups = ParameterGroups.of(sample) { $0.hasPrefix("head") ? 1 : 0.5 }
    #expect(groups.count == 3)
    let names = groups.flatMap { $0.parameters.map(\.name) }.sorted()
    let trained = sample.namedParameters.filter { $0.tensor.requiresGrad }.map(\.name).sorted()
    #expect(names == trained)
  }

  @Test func ratesAndDecayAreScaledByGroup() {
    let sample = Sample()
    withoutGrad {
      for parameter in sample.parameters { parameter.fill_(1) }
    }
    var options = SGD.Options()
    options.momentum = 0
    options.weightDecay = 0.5
    let optimizer = SGD(ParameterGroups.of(sample) { $0.hasPrefix("head") ? 1 : 0.5 }, options: options)
    for parameter in sample.parameters where parameter.requiresGrad { parameter.grad = parameter.zerosLike() + 1 }
    optimizer.step(learningRate: 0.1)
    #expect(sample.head.weight.array(Float.self).allSatisfy { abs($0 - 0.85) < 1e-6 })
    #expect(sample.head.bias!.array(Float.self).allSatisfy { abs($0 - 0.9) < 1e-6 })
    #expect(sample.clsToken.array(Float.self).allSatisfy { abs($0 - 0.95) < 1e-6 })
    #expect(sample.frozen.array(Float.self).allSatisfy { $0 == 1 })
  }

  /// An optimizer whose parameters went into the memory of other groups would change what nobody reads.
  @Test func anOptimizerOfFormerGroupsTraps() async {
    await #expect(processExitsWith: .failure) {
      let sample = Sample()
      let former = SGD(ParameterGroups.of(sample))
      _ = ParameterGroups.of(sample)
      former.step(learningRate: 0.1)
    }
  }
}
