public import Torch

extension Module {
  /// All parameters and buffers by name, in order: the tensors themselves, not copies.
  public var stateDict: StateDict {
    var dict = StateDict()
    var visitor = ParameterVisitor { member, tensor in
      precondition(dict[member.name] == nil, "two members of the module are named \(member.name)")
      dict[member.name] = tensor
      return nil
    }
    visit(&visitor)
    return dict
  }

  /// Copies values into the module's own tensors, keeping their dtype and device, so that optimizers that hold them
  /// stay valid. Nothing is copied unless everything fits.
  ///
  /// - Parameters:
  ///   - weights: values by name; order does not matter.
  ///   - allowingMissing: names that may be absent, and then keep their values.
  /// - Throws: `StateDictMismatch` with every missing and unexpected name and every wrong shape.
  public func load(_ weights: StateDict, allowingMissing: Set<String> = []) throws {
    let own = stateDict
    var mismatch = StateDictMismatch()
    for entry in own.entries {
      if let value = weights[entry.name] {
        if value.shape != entry.tensor.shape {
          mismatch.wrongShapes.append(.init(name: entry.name, expected: entry.tensor.shape, found: value.shape))
        }
      } else if !allowingMissing.contains(entry.name) {
        mismatch.missing.append(entry.name)
      }
    }
    mismatch.unexpected = weights.names.filter { own[$0] == nil }
    guard mismatch.isEmpty else { throw mismatch }
    withoutGrad {
      for entry in own.entries {
        if let value = weights[entry.name] { entry.tensor.copy_(value) }
      }
    }
  }
}
