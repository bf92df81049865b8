/// The tensors of a module by name, in order. Names are unique.
public struct StateDict {
  /// The tensors in order.
  public private(set) var entries: [NamedTensor] = []
  private var positions: [String: Int] = [:]

  /// An empty state dict.
  public init() {}

  /// A state dict of the given tensors, in their order. A later tensor replaces an earlier one of the same name.
  public init(_ tensors: some Sequence<(name: String, tensor: Tensor)>) {
    for (name, tensor) in tensors { self[name] = tensor }
  }

  /// A state dict of the given tensors, in their order. A later tensor replaces an earlier one of the same name.
  public init(_ tensors: some Sequence<NamedTensor>) {
    for entry in tensors { self[entry.name] = entry.tensor }
  }

  /// The names in order.
  public var names: [String] { entries.map(\.name) }

  /// The number of tensors.
  public var count: Int { entries.count }

  /// The tensor of that name. Setting nil removes it; setting a new name appends it.
  public subscript(name: String) -> Tensor? {
    get { positions[name].map { entries[$0].tensor } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let tensor?):
        entries[position] = NamedTensor(name, tensor)
      case (nil, let tensor?):
        positions[name] = entries.count
        entries.append(NamedTensor(name, tensor))
      case (let position?, nil):
        entries.remove(at: position)
        positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
      case (nil, nil):
        break
      }
    }
  }

  /// The entries whose names start with `prefix`, without it.
  public func dropping(prefix: String) -> StateDict {
    StateDict(
      entries.lazy.filter { $0.name.hasPrefix(prefix) }
        .map { NamedTensor(String($0.name.dropFirst(prefix.count)), $0.tensor) })
  }

  /// The entries with `prefix` before each name.
  public func adding(prefix: String) -> StateDict {
    StateDict(entries.lazy.map { NamedTensor(prefix + $0.name, $0.tensor) })
  }

  /// Copies of all tensors, detached from any graph, that later training does not change.
  public func cloned() -> StateDict {
    StateDict(entries.map { NamedTensor($0.name, $0.tensor.detach().clone()) })
  }
}

/// A tensor and its dotted name in a module, such as `blocks.0.attn.qkv.weight`.
public struct NamedTensor {
  /// The dotted name.
  public let name: String
  /// The tensor itself, not a copy.
  public let tensor: Tensor

  /// Pairs a name with a tensor.
  public init(_ name: String, _ tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}
