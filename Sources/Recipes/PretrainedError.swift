import Settings
import VisionModels

/// Why a bare file of weights is no model.
public enum PretrainedError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A bare file does not say what it is.
  case needsName(String)
  /// There is no preset of that name.
  case unknownName(String)
  /// The number of classes is unknown.
  case noHead(String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .needsName(let path): return "\(path) is a bare file of weights: say which model they are for by --model NAME"
    case .unknownName(let name):
      let near = ViTPresets.nearest(to: name).map { "; did you mean '\($0)'?" } ?? ";"
      return "there is no model '\(name)'\(near)\(ViTPresets.tagAdvice(on: name)) `vitrail models` lists all"
    case .noHead(let path): return "\(path) has no head.weight, so its classes are unknown; train a head with --init"
    }
  }
}
