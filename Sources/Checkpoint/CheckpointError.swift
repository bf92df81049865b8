import Files
import SystemPackage
public import Torch

/// Why a file of weights or a checkpoint could not be read or written, or cannot be used.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is not there, or cannot be opened, read or written.
  case cannotAccess(path: String, reason: String)
  /// The file is not what it claims to be; `reason` says where it breaks.
  case malformed(path: String, reason: String)
  /// A file of a checkpoint is not as it was saved.
  case damaged(path: String, reason: String)
  /// The folder holds no checkpoint that could be read.
  case noCheckpoint(path: String, reason: String)
  /// A weight is NaN or infinite.
  case notFinite(path: String, tensor: String)
  /// A weight is no floating-point number.
  case notFloatingPoint(path: String, tensor: String, dtype: DType)

  /// What the system said of the file at `path`.
  init(path: String, _ error: FileError) {
    let advice = error.operation == "create" && error.number == .noSuchFileOrDirectory ? "; make its folder first" : ""
    self = .cannotAccess(path: path, reason: error.reason + advice)
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .cannotAccess(let path, let reason): "cannot access \(path): \(reason)"
    case .malformed(let path, let reason): "\(path) is damaged or not a safetensors file: \(reason)"
    case .damaged(let path, let reason): "\(path) is damaged: \(reason)"
    case .noCheckpoint(let path, let reason): "there is no checkpoint in \(path): \(reason)"
    case .notFinite(let path, let tensor):
      "the weights in \(path) are not usable: '\(tensor)' holds NaN or infinity; take an earlier checkpoint"
    case .notFloatingPoint(let path, let tensor, let dtype):
      "the weights in \(path) are not usable: '\(tensor)' holds \(dtype), expected floating-point numbers"
    }
  }

  /// Whether an older checkpoint may stand in for this one.
  public var isDamage: Bool {
    switch self {
    case .cannotAccess, .malformed, .damaged: true
    case .noCheckpoint, .notFinite, .notFloatingPoint: false
    }
  }
}
