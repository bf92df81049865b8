/// Why a file of weights or a checkpoint could not be read or written.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is not there, or cannot be opened, read or written.
  case cannotAccess(path: String, reason: String)
  /// The file is not what it claims to be; `reason` says where it breaks.
  case malformed(path: String, reason: String)
  /// The folder holds no checkpoint that could be read.
  case noCheckpoint(path: String, reason: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .cannotAccess(let path, let reason): "cannot access \(path): \(reason)"
    case .malformed(let path, let reason): "\(path) is damaged or not a safetensors file: \(reason)"
    case .noCheckpoint(let path, let reason): "there is no checkpoint in \(path): \(reason)"
    }
  }
}
