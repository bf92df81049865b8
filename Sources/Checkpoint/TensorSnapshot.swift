public import Torch

/// Copies of tensors on the host, from which a checkpoint is written while training changes the tensors themselves. The
/// memory stays for the next copies.
public final class TensorSnapshot {
  private var copies: [String: StateDict] = [:]

  /// A snapshot that has no memory yet.
  public init() {}

  /// Copies tensors, by file, over those of the snapshot before, which nobody may be reading any more. Waits for the
  /// device.
  /// - Returns: the copies, which stay as they are until the next snapshot.
  /// - Throws: `TorchError` where there is no memory for them.
  public func take(_ files: [String: StateDict]) throws -> [String: StateDict] {
    copies = try recovering {
      var taken: [String: StateDict] = [:]
      for (file, tensors) in files { taken[file] = Self.copied(tensors, over: copies[file] ?? StateDict()) }
      return taken
    }
    return copies
  }

  private static func copied(_ tensors: StateDict, over former: StateDict) -> StateDict {
    StateDict(
      tensors.entries.map { entry in
        let (tensor, old) = (entry.tensor, former[entry.name])
        let isFit = old.map { $0.shape == tensor.shape && $0.dtype == tensor.dtype } ?? false
        let copy = isFit ? old! : Tensor.empty(tensor.shape, dtype: tensor.dtype)
        return NamedTensor(entry.name, withoutGrad { copy.copy_(tensor.detach()) })
      })
  }
}
