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
    try stateDict.overwrite(with: weights, allowingMissing: allowingMissing)
  }
}

extension StateDict {
  /// Copies values into these tensors, which keep their dtype and device. Nothing is copied unless everything fits.
  /// - Throws: `StateDictMismatch`; see `Module.load`.
  public func overwrite(with values: StateDict, allowingMissing: Set<String> = []) throws {
    var mismatch = wrongShapes(in: values)
    mismatch.missing = names.filter { values[$0] == nil && !allowingMissing.contains($0) }
    mismatch.unexpected = values.names.filter { self[$0] == nil }
    guard mismatch.isEmpty else { throw mismatch }
    withoutGrad {
      for entry in entries {
        if let value = values[entry.name] { entry.tensor.copy_(value) }
      }
    }
  }

  /// The tensors that have other shapes than those of the same names here.
  public func wrongShapes(in values: StateDict) -> StateDictMismatch {
    var mismatch = StateDictMismatch()
    for entry in entries {
      guard let value = values[entry.name], value.shape != entry.tensor.shape else { continue }
      mismatch.wrongShapes.append(.init(name: entry.name, expected: entry.tensor.shape, found: value.shape))
    }
    return mismatch
  }
}
