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
    try requireFit(of: values, allowingMissing: allowingMissing)
    withoutGrad {
      for entry in entries {
        if let value = values[entry.name] { entry.tensor.copy_(value) }
      }
    }
  }

  /// Refuses values that `overwrite` refuses.
  /// - Throws: `StateDictMismatch`; see `Module.load`.
  public func requireFit(of values: StateDict, allowingMissing: Set<String> = []) throws {
    var mismatch = wrongShapes(in: values)
    mismatch.missing = names.filter { values[$0] == nil && !allowingMissing.contains($0) }
    mismatch.unexpected = values.names.filter { self[$0] == nil }
    guard mismatch.isEmpty else { throw mismatch }
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

/// Why a state dict does not fit a module. Lists everything that is wrong, not only the first fault.
public struct StateDictMismatch: Error, Equatable, CustomStringConvertible {
  /// A tensor whose shape is not the module's.
  public struct WrongShape: Equatable, Sendable {
    /// The dotted name.
    public let name: String
    /// The module's shape.
    public let expected: [Int]
    /// The state dict's shape.
    public let found: [Int]

    /// A mismatch of the two shapes.
    public init(name: String, expected: [Int], found: [Int]) {
      self.name = name
      self.expected = expected
      self.found = found
    }
  }

  /// Names that the module has and the state dict lacks.
  public var missing: [String] = []
  /// Names that the state dict has and the module lacks.
  public var unexpected: [String] = []
  /// Tensors of the wrong shape.
  public var wrongShapes: [WrongShape] = []

  /// Nothing wrong yet.
  public init() {}

  /// Whether there is nothing wrong.
  public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wrongShapes.isEmpty }

  /// One line; long lists are cut.
  public var description: String {
    let shapes = wrongShapes.map { "\($0.name) is \($0.found), the model has \($0.expected)" }
    let parts = [
      Self.listing("missing", missing), Self.listing("unexpected", unexpected), Self.listing("wrong shape", shapes),
    ]
    return "the weights do not fit the model: " + parts.compactMap { $0 }.joined(separator: "; ")
      + ". Use the model and the class count that the weights were made for"
  }

  private static func listing(_ label: String, _ items: [String]) -> String? {
    guard !items.isEmpty else { return nil }
    let shown = items.prefix(4).joined(separator: ", ")
    return "\(items.count) \(label) (\(shown)\(items.count > 4 ? ", ..." : ""))"
  }
}
