import NN
import Torch

/// What every optimizer keeps beside its groups: a buffer of each kind for each group, zero at first; the rates of the
/// groups, on their device; the count of its steps.
final class OptimizerMemory {
  let type: String
  let groups: [ParameterGroup]
  private let kinds: [String]
  /// By group, then by kind.
  private let buffers: [[Tensor]]
  private let rates: [Tensor]
  private(set) var numSteps = 0

  init(_ groups: [ParameterGroup], type: String, kinds: [String]) {
    let names = groups.flatMap { $0.parameters.map(\.name) }
    precondition(Set(names).count == names.count, "a parameter is in more than one group")
    precondition(
      groups.allSatisfy { $0.values.device == groups[0].values.device }, "the groups of an optimizer are on one device")
    self.type = type
    self.groups = groups
    self.kinds = kinds
    buffers = groups.map { group in kinds.map { _ in group.makeBuffer() } }
    // The fused steps read the rate where they run: on a CPU in full, on a GPU in float32.
    rates = groups.map {
      .zeros([], dtype: $0.values.device == .cpu ? .float64 : .float32, device: $0.values.device)
    }
  }

  /// Makes a step: calls `update` for each group with its buffers, in the order of the kinds, and its rate.
  func step(learningRate: Double, _ update: (ParameterGroup, [Tensor], Tensor) -> Void) {
    withoutGrad {
      for (index, group) in groups.enumerated() {
        group.gatherGradients()
        update(group, buffers[index], rates[index].fill_(learningRate * group.learningRateScale))
      }
    }
    numSteps += 1
  }

  /// The state, with what an optimizer keeps besides.
  func state(_ others: KeyValuePairs<String, Tensor> = [:]) -> OptimizerState {
    OptimizerState(scalars: .init(type: type, numSteps: numSteps), tensors: tensors(others))
  }

  func load(_ state: OptimizerState, _ others: KeyValuePairs<String, Tensor> = [:]) throws -> [String] {
    guard state.scalars.type == type else {
      throw OptimizerStateMismatch(expected: type, found: state.scalars.type)
    }
    let own = tensors(others)
    let mismatch = own.wrongShapes(in: state.tensors)
    guard mismatch.isEmpty else { throw mismatch }
    withoutGrad {
      for entry in own.entries {
        if let saved = state.tensors[entry.name] { entry.tensor.copy_(saved) } else { entry.tensor.zero_() }
      }
    }
    numSteps = state.scalars.numSteps
    return lines("starts anew: the checkpoint has none", own.names.filter { state.tensors[$0] == nil })
      + lines("is dropped: it is of no use any more", state.tensors.names.filter { own[$0] == nil })
  }

  private func tensors(_ others: KeyValuePairs<String, Tensor>) -> StateDict {
    var dict = StateDict()
    for (place, kind) in kinds.enumerated() {
      for (group, ofGroup) in zip(groups, buffers) {
        for entry in group.named(ofGroup[place]) { dict["\(kind).\(entry.name)"] = entry.tensor }
      }
    }
    for (name, tensor) in others { dict[name] = tensor }
    return dict
  }

  /// One line for each kind of state: "the optimizer's momentum of 3 parameters (head.weight, ...) starts anew".
  private func lines(_ what: String, _ names: [String]) -> [String] {
    var parameters: [(kind: String, names: [String])] = []
    for name in names {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      let (kind, parameter) = (parts[0], parts.count > 1 ? parts[1] : "")
      if parameters.last?.kind != kind { parameters.append((kind, [])) }
      parameters[parameters.count - 1].names.append(parameter)
    }
    return parameters.map { kind, names in
      let count = names.count == 1 ? names[0] : "\(names.count) parameters (\(names[0]), ...)"
      return "the optimizer's \(kind)\(names == [""] ? "" : " of \(count)") \(what)"
    }
  }
}
