public import Torch

/// Collects the named intermediates of a forward pass, for parity tests and attention maps. The tensors stay in the
/// graph and keep their memory for as long as the recorder lives.
public final class IntermediateRecorder {
  /// What was recorded, in order.
  public private(set) var outputs = StateDict()
  private let filter: (String) -> Bool

  /// A recorder of the intermediates whose names pass `filter`.
  public init(where filter: @escaping (String) -> Bool = { _ in true }) {
    self.filter = filter
  }

  func record(_ name: String, _ tensor: Tensor) {
    if filter(name) { outputs[name] = tensor }
  }
}
