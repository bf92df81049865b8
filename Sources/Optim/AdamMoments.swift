import NN
import Torch

/// What Adam and AdamW share: the running means of gradients and of their squares, the steps of each parameter, and
/// libtorch's fused step.
struct AdamMoments {
  let type: String
  let fusedStep: Op
  private let slots: SlotStore
  /// Steps of each parameter by group, float32 [n] on the parameters' device. The fused step reads them there, so that
  /// a step that `foundInf` skips is not counted, and nobody waits for the device.
  private let steps: [Tensor]
  private var numSteps = 0

  init(_ groups: [ParameterGroup], type: String, fusedStep: Op) {
    self.type = type
    self.fusedStep = fusedStep
    slots = SlotStore(groups, kinds: ["exp_avg", "exp_avg_sq"])
    steps = groups.map {
      Tensor.zeros([$0.parameters.count], device: $0.parameters.first?.tensor.device ?? .cpu)
    }
  }

  var groups: [ParameterGroup] { slots.groups }

  mutating func step(
    learningRate: Double, beta1: Double, beta2: Double, eps: Double, weightDecay: Double, foundInf: Tensor?
  ) {
    withoutGrad {
      for (index, group) in groups.enumerated() {
        let (parameters, gradients, moments, indices) = slots.active(inGroup: index)
        guard !parameters.isEmpty else { continue }
        let ofEach = steps[index].unbind(0)
        let active = indices.map { ofEach[$0] }
        let counted = indices.count == ofEach.count ? [steps[index]] : active
        for step in counted { step.add_(1) }
        fusedStep.void(
          parameters, gradients, moments[0], moments[1], [Tensor](), active, learningRate * group.learningRateScale,
          beta1, beta2, weightDecay * group.weightDecayScale, eps, false, false, Tensor?.none, foundInf)
        if let foundInf {
          for step in counted { step.add_(foundInf, alpha: -1) }
        }
      }
    }
    numSteps += 1
  }

  var state: OptimizerState {
    OptimizerState(scalars: .init(type: type, numSteps: numSteps), tensors: tensors)
  }

  mutating func load(_ state: OptimizerState) throws {
    guard state.scalars.type == type else {
      throw OptimizerStateMismatch(expected: type, found: state.scalars.type)
    }
    try tensors.overwrite(with: state.tensors)
    numSteps = state.scalars.numSteps
  }

  private var tensors: StateDict {
    var dict = slots.tensors
    for (index, step) in steps.enumerated() { dict["steps.\(index)"] = step }
    return dict
  }
}
