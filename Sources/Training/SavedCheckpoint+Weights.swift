public import Checkpoint
public import Torch

extension SavedCheckpoint {
  /// A file of weights, known to be floating-point numbers and finite.
  /// - Throws: `CheckpointError`.
  public func weights(_ file: String) throws(CheckpointError) -> StateDict {
    let weights = try tensors(file)
    try weights.checkWeights(of: "\(path)/\(file).safetensors")
    return weights
  }
}

extension StateDict {
  /// Refuses what is no weight: integers, NaN, infinity.
  /// - Parameter path: where the tensors come from, for the error.
  /// - Throws: `CheckpointError.notFloatingPoint` or `.notFinite`, with the first tensor at fault.
  public func checkWeights(of path: String) throws(CheckpointError) {
    for entry in entries {
      guard entry.tensor.dtype.isFloatingPoint else {
        throw .notFloatingPoint(path: path, tensor: entry.name, dtype: entry.tensor.dtype)
      }
      let isFinite = withoutGrad { entry.tensor.isFinite().all().item() == 1 }
      guard isFinite else { throw .notFinite(path: path, tensor: entry.name) }
    }
  }
}
