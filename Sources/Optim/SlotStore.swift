import NN
import Torch

/// The tensors that an optimizer keeps beside its parameters: one of each kind for each parameter, zero at first, of
/// the parameter's shape, dtype and device.
struct SlotStore {
  let groups: [ParameterGroup]
  private let kinds: [String]
  /// By kind, then by group, then by parameter.
  private let slots: [[[Tensor]]]

  init(_ groups: [ParameterGroup], kinds: [String]) {
    let names = groups.flatMap { $0.parameters.map(\.name) }
    precondition(Set(names).count == names.count, "a parameter is in more than one group")
    self.groups = groups
    self.kinds = kinds
    slots = kinds.map { _ in groups.map { group in group.parameters.map { $0.tensor.detach().zerosLike() } } }
  }

  /// The parameters of a group that have gradients, the gradients, and the slots of each kind.
  func active(inGroup group: Int) -> (parameters: [Tensor], gradients: [Tensor], slots: [[Tensor]], indices: [Int]) {
    var indices: [Int] = []
    var gradients: [Tensor] = []
    for (index, parameter) in groups[group].parameters.enumerated() {
      guard let gradient = parameter.tensor.grad else { continue }
      indices.append(index)
      gradients.append(gradient)
    }
    let parameters = groups[group].parameters
    return (
      indices.map { parameters[$0].tensor }, gradients, slots.map { kind in indices.map { kind[group][$0] } }, indices
    )
  }

  /// All slots by name, kind by kind.
  var tensors: StateDict {
    var dict = StateDict()
    for (kind, ofKind) in zip(kinds, slots) {
      for (group, ofGroup) in zip(groups, ofKind) {
        for (parameter, slot) in zip(group.parameters, ofGroup) { dict["\(kind).\(parameter.name)"] = slot }
      }
    }
    return dict
  }
}

extension StateDict {
  /// Copies `values` into this dict's tensors, if names and shapes are the same; throws `StateDictMismatch` if not.
  func overwrite(with values: StateDict) throws {
    try StateDictHolder(self).load(values)
  }
}

/// Lends a state dict the loading of modules.
private final class StateDictHolder: Module {
  let dict: StateDict
  init(_ dict: StateDict) { self.dict = dict }

  func visit(_ visitor: inout ParameterVisitor) {
    for entry in dict.entries {
      var tensor = entry.tensor
      visitor.buffer(entry.name, &tensor)
    }
  }
}
