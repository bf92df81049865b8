import NN
import TestSupport
import Testing
import Torch

@testable import Optim

/// The five free-standing parameters of the fixture of optimizer steps.
final class StepToy: Module {
  static let numSteps = 20
  let fixture: StateDict
  private var tensors: [NamedTensor]

  init(dtype: DType = .float64) throws {
    let fixture = try Fixture.load("optimizer_steps")
    self.fixture = fixture
    tensors = ["w", "v", "conv", "bias", "zero"].map { name in
      let tensor = fixture["start.\(name)"]!.to(dtype).clone()
      tensor.requiresGrad = true
      return NamedTensor(name, tensor)
    }
  }

  func visit(_ visitor: inout ParameterVisitor) {
    for index in tensors.indices {
      var tensor = tensors[index].tensor
      visitor.parameter(tensors[index].name, &tensor)
      tensors[index] = NamedTensor(tensors[index].name, tensor)
    }
  }

  /// Sets the fixture's gradients of a step, times a factor.
  func setGradients(_ step: Int, times factor: Double = 1) {
    for entry in tensors {
      entry.tensor.grad = fixture["gradients.\(entry.name)"]!.select(0, step).to(entry.tensor.dtype) * factor
    }
  }

  /// The factor of the learning rate at a step.
  func rate(_ step: Int) -> Double { fixture["rates"]!.select(0, step).item() }

  /// Two groups, the second of which, the bias, does not decay.
  var groups: [ParameterGroup] { ParameterGroups.of(self) }
}

/// An optimizer as the fixture has it, and one that is not.
struct StepCase: CustomTestStringConvertible {
  let name: String
  let learningRate: Double
  let options: any OptimizerOptions
  let faulty: any OptimizerOptions
  var testDescription: String { name }

  init<Options: OptimizerOptions>(
    _ name: String, _ learningRate: Double, _ options: Options, _ change: (inout Options) -> Void = { _ in },
    fault: (inout Options) -> Void
  ) {
    self.name = name
    self.learningRate = learningRate
    var (options, faulty) = (options, options)
    change(&options)
    change(&faulty)
    fault(&faulty)
    self.options = options
    self.faulty = faulty
  }

  static let all: [StepCase] = [
    StepCase("lamb_modern", 0.05, Lamb.Options(), { $0.weightDecay = 0.1 }) { $0.biasCorrection = false },
    StepCase(
      "lamb_clip", 0.05, Lamb.Options(),
      {
        $0.weightDecay = 0.1
        $0.trustClip = true
      }
    ) { $0.trustClip = false },
    StepCase("lamb_colossal", 0.05, Lamb.Options(.colossal), { $0.weightDecay = 0.1 }) { $0.adapt = .unexempt },
    StepCase("lamb_timm", 0.05, Lamb.Options(.timm), { $0.weightDecay = 0.1 }) { $0.maxGradNorm = 0 },
    StepCase(
      "lamb_timm_all", 0.05, Lamb.Options(.timm),
      {
        ($0.beta1, $0.beta2, $0.eps, $0.weightDecay) = (0.8, 0.9, 1e-3, 0)
        $0.adapt = .all
      }
    ) { $0.adapt = nil },
    StepCase(
      "lars", 0.5, Lars.Options(), { ($0.weightDecay, $0.trustCoefficient) = (0.1, 0.02) }
    ) { $0.adapt = .all },
    StepCase(
      "lars_nesterov", 0.5, Lars.Options(),
      {
        ($0.momentum, $0.weightDecay, $0.trustCoefficient) = (0.8, 0.1, 0.5)
        ($0.nesterov, $0.trustClip) = (true, true)
      }
    ) { $0.trustClip = false },
    StepCase(
      "lars_plain", 0.5, Lars.Options(),
      {
        ($0.momentum, $0.trustCoefficient, $0.eps) = (0, 0.02, 0.1)
        $0.adapt = .all
      }
    ) { $0.eps = 1e-8 },
    StepCase(
      "lars_dampening", 0.5, Lars.Options(),
      { ($0.dampening, $0.weightDecay, $0.trustCoefficient) = (0.3, 0.1, 0.02) }
    ) { $0.dampening = 0 },
    StepCase("lion", 0.02, Lion.Options(), { $0.weightDecay = 0.5 }) { $0.weightDecay = 0.51 },
    StepCase("lion_betas", 0.02, Lion.Options(), { ($0.beta1, $0.beta2) = (0.95, 0.8) }) {
      ($0.beta1, $0.beta2) = (0.8, 0.95)
    },
    StepCase("nadamw", 0.05, NAdamW.Options(), { $0.weightDecay = 0.1 }) { $0.weightDecay = 0.101 },
    StepCase(
      "nadamw_betas", 0.05, NAdamW.Options(),
      { ($0.beta1, $0.beta2, $0.eps, $0.weightDecay) = (0.8, 0.9, 1e-3, 0) }
    ) { $0.eps = 1e-8 },
    StepCase("adan", 0.05, Adan.Options(), { $0.weightDecay = 0.1 }) { $0.proximal = false },
    StepCase(
      "adan_no_prox", 0.05, Adan.Options(),
      {
        ($0.beta1, $0.beta2, $0.beta3, $0.weightDecay) = (0.9, 0.8, 0.95, 0.1)
        $0.proximal = false
      }
    ) { $0.beta2 = 0.81 },
    StepCase(
      "adafactor", 0.05, Adafactor.Options(), { ($0.minDimSizeToFactor, $0.weightDecay) = (2, 0.1) }
    ) { $0.minDimSizeToFactor = 3 },
    StepCase(
      "adafactor_plain", 0.05, Adafactor.Options(),
      {
        ($0.minDimSizeToFactor, $0.momentum, $0.clippingThreshold) = (2, 0, 0.7)
        ($0.beta2Cap, $0.decayRate) = (0.8, 0.6)
      }
    ) { $0.clippingThreshold = nil },
    StepCase("muon", 0.05, Muon.Options(), { $0.precision = .full }) { $0.nesterov = false },
    StepCase(
      "muon_original", 0.05, Muon.Options(),
      {
        ($0.precision, $0.adjustLr, $0.adamwLrScale) = (.full, .original, 0.3)
        ($0.momentum, $0.nesterov, $0.nsSteps, $0.weightDecay) = (0.9, false, 3, 0)
      }
    ) { $0.adamwLrScale = 0.31 },
  ]
}
